package sim

import (
	"net/http"
	"strings"
)

// userField is a custom field (reference bitrix24, 6.9).
type userField struct {
	id       int
	typeID   int
	entity   string
	name     string
	userType string
	multiple bool
	label    string
}

// kind is the field kind that stores values of the user type.
func (f *userField) kind() fieldKind {
	if f.multiple && f.userType == "employee" {
		return kindInts
	}
	switch f.userType {
	case "integer", "employee":
		return kindInt
	case "double":
		return kindMoney
	case "boolean":
		return kindFlag
	case "date":
		return kindDate
	case "datetime":
		return kindTime
	}
	// Money fields travel as text, "12.50|NZD".
	return kindText
}

// userFieldType is the entity type of a user-field entity, 0 for those that have none here.
func (p *portal) userFieldType(entity string) int {
	for _, t := range p.smartTypes {
		if entity == "CRM_"+itoa(t.id) {
			return t.typeID
		}
	}
	switch entity {
	case "CRM_DEAL":
		return typeDeal
	case "CRM_SMART_INVOICE":
		return typeInvoice
	case "CRM_COMPANY":
		return typeCompany
	case "CRM_CONTACT":
		return typeContact
	}
	return 0
}

// prefix is what the field's name begins with: deals, companies and contacts share one, other kinds have their own.
func (f *userField) prefix() string {
	switch f.entity {
	case "CRM_DEAL", "CRM_COMPANY", "CRM_CONTACT":
		return "UF_CRM_"
	}
	return "UF_" + f.entity + "_"
}

// output has the id as text, unlike ids of crm.item.
func (f *userField) output() map[string]any {
	return map[string]any{
		"id": itoa(f.id), "entityId": f.entity, "fieldName": f.name, "userTypeId": f.userType,
		"multiple": yesNo(f.multiple), "mandatory": "N", "editFormLabel": map[string]string{"en": f.label},
	}
}

// runUserFieldAdd is userfieldconfig.add: names are upper case, start with UF_ and have at most fifty characters.
func runUserFieldAdd(c *call) (any, *restError) {
	sent := c.args.get("field")
	f := &userField{
		entity: sent.get("entityId").str(), name: sent.get("fieldName").str(),
		userType: sent.get("userTypeId").str(), label: sent.get("editFormLabel", "en").str(),
		multiple: parsesAsYes(sent.get("multiple")),
	}
	f.typeID = c.p.userFieldType(f.entity)
	wrongName := !strings.HasPrefix(f.name, f.prefix()) || len(f.name) > 50 || f.name != strings.ToUpper(f.name)
	if f.typeID == 0 || f.userType == "" || wrongName || c.args.get("moduleId").str() != "crm" {
		return nil, breach(http.StatusBadRequest, "0", "Wrong field description", "user field")
	}
	for _, other := range c.p.userFields {
		if other.typeID == f.typeID && other.name == f.name {
			return nil, refuse(http.StatusBadRequest, "0", "The field "+f.name+" already exists")
		}
	}
	f.id = c.p.nextID("userfield")
	c.p.userFields = append(c.p.userFields, f)
	return map[string]any{"field": f.output()}, nil
}

// runUserFieldList is userfieldconfig.list.
func runUserFieldList(c *call) (any, *restError) {
	entity := c.args.get("filter", "entityId").str()
	out := []any{}
	for _, f := range c.p.userFields {
		if entity == "" || f.entity == entity {
			out = append(out, f.output())
		}
	}
	return list{result: map[string]any{"fields": out}, total: len(out)}, nil
}
