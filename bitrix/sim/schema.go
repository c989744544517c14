package sim

import (
	"strings"
	"unicode"
)

// Entity types of the universal CRM methods (reference bitrix24, 6.1).
const (
	typeDeal    = 2
	typeContact = 3
	typeCompany = 4
	typeInvoice = 31
)

// fieldKind is a field's type as crm.item.fields names it, apart from the list of numbers.
type fieldKind string

const (
	kindInt      fieldKind = "integer"
	kindText     fieldKind = "string"
	kindMoney    fieldKind = "double"
	kindDate     fieldKind = "date"
	kindTime     fieldKind = "datetime"
	kindFlag     fieldKind = "boolean"
	kindUser     fieldKind = "user"
	kindCompany  fieldKind = "crm_company"
	kindContact  fieldKind = "crm_contact"
	kindInts     fieldKind = "integers"
	kindStage    fieldKind = "crm_status"
	kindCategory fieldKind = "crm_category"
	kindCurrency fieldKind = "crm_currency"
	kindDeal     fieldKind = "crm_deal"
)

// field describes one field of an entity type, in both spellings.
type field struct {
	name     string
	kind     fieldKind
	readOnly bool
	title    string
}

// ro is a field that only the portal writes.
func ro(name string, kind fieldKind) field { return field{name: name, kind: kind, readOnly: true} }

// rw is a field that callers may write.
func rw(name string, kind fieldKind) field { return field{name: name, kind: kind} }

// systemFields are common to everything in the CRM.
func systemFields() []field {
	return []field{
		ro("id", kindInt), rw("title", kindText), ro("createdBy", kindUser), ro("createdTime", kindTime),
		ro("updatedBy", kindUser), ro("updatedTime", kindTime), ro("lastActivityBy", kindUser),
		ro("lastActivityTime", kindTime), rw("assignedById", kindUser), rw("opened", kindFlag),
		rw("comments", kindText), rw("sourceId", kindText), rw("sourceDescription", kindText),
		rw("observers", kindInts),
	}
}

// saleFields are common to deals and invoices.
func saleFields() []field {
	return []field{
		rw("categoryId", kindCategory), rw("stageId", kindStage), ro("previousStageId", kindText),
		ro("movedBy", kindUser), ro("movedTime", kindTime), rw("begindate", kindDate), rw("closedate", kindDate),
		rw("companyId", kindCompany), rw("contactId", kindContact), rw("contactIds", kindInts),
		rw("opportunity", kindMoney), rw("isManualOpportunity", kindFlag), rw("taxValue", kindMoney),
		rw("currencyId", kindCurrency), rw("locationId", kindText), rw("webformId", kindInt),
		rw("utmSource", kindText), rw("utmMedium", kindText), rw("utmCampaign", kindText),
		rw("utmContent", kindText), rw("utmTerm", kindText),
	}
}

// schema lists the fields of an entity type, nil for types that the universal methods do not know here.
func schema(typeID int) []field {
	fields := systemFields()
	switch typeID {
	case typeDeal:
		fields = append(fields, saleFields()...)
		return append(fields, ro("stageSemanticId", kindText), rw("typeId", kindText), ro("closed", kindFlag),
			rw("quoteId", kindInt), rw("originatorId", kindText), rw("originId", kindText),
			rw("probability", kindInt), rw("parentId7", kindInt))
	case typeInvoice:
		fields = append(fields, saleFields()...)
		return append(fields, rw("xmlId", kindText), ro("accountNumber", kindText), rw("mycompanyId", kindCompany),
			rw("parentId2", kindDeal), rw("parentId7", kindInt))
	case typeCompany:
		return append(fields, rw("companyType", kindText), rw("isMyCompany", kindFlag), rw("currencyId", kindCurrency),
			rw("originatorId", kindText), rw("originId", kindText), rw("xmlId", kindText))
	case typeContact:
		return append(fields, rw("name", kindText), rw("lastName", kindText), rw("companyId", kindCompany),
			rw("post", kindText), rw("originatorId", kindText), rw("originId", kindText), rw("xmlId", kindText))
	}
	return nil
}

// fieldsOf is the schema of the type together with the portal's custom fields.
func (p *portal) fieldsOf(typeID int) []field {
	fields := schema(typeID)
	if p.smartType(typeID) != nil {
		fields = smartFields()
	}
	if fields == nil {
		return nil
	}
	for _, custom := range p.userFields {
		if custom.typeID == typeID {
			fields = append(fields, field{name: custom.name, kind: custom.kind(), title: custom.label})
		}
	}
	return fields
}

// fieldNamed finds a field by either spelling.
func fieldNamed(fields []field, name string) (field, bool) {
	for _, f := range fields {
		if f.name == name || camelCustom(f.name) == name {
			return f, true
		}
	}
	return field{}, false
}

// camelCustom is the spelling of a custom field when useOriginalUfNames is not sent:
// UF_CRM_SMART_INVOICE_PAYREF becomes ufCrmSmartInvoicePayref. Other names stay.
func camelCustom(name string) string {
	if !strings.HasPrefix(name, "UF_") {
		return name
	}
	var b strings.Builder
	for i, word := range strings.Split(strings.ToLower(name), "_") {
		if i > 0 && word != "" {
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		b.WriteString(word)
	}
	return b.String()
}

// upperName is the spelling of the legacy methods: companyId becomes COMPANY_ID.
func upperName(name string) string {
	switch name {
	case "createdTime":
		return "DATE_CREATE"
	case "updatedTime":
		return "DATE_MODIFY"
	case "createdBy":
		return "CREATED_BY_ID"
	case "updatedBy":
		return "MODIFY_BY_ID"
	case "movedBy":
		return "MOVED_BY_ID"
	}
	if strings.HasPrefix(name, "UF_") {
		return name
	}
	var b strings.Builder
	for i, r := range name {
		if i > 0 && (unicode.IsUpper(r) || (unicode.IsDigit(r) && !unicode.IsDigit(rune(name[i-1])))) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}
