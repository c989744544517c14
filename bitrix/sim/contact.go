package sim

// email is where a contact keeps its address: no field of the universal methods, but one of the old ones.
const email = "email"

// runContactGet is crm.contact.get: flat, upper case, and the addresses as a list; without any the key is not there.
func runContactGet(c *call) (any, *restError) {
	it, refusal := c.legacyOf(typeContact, canRead)
	if refusal != nil {
		return nil, refusal
	}
	out := legacyItem(it, c.p.fieldsOf(typeContact))
	out["HAS_EMAIL"] = "N"
	if address := it.text(email); address != "" {
		out["HAS_EMAIL"] = "Y"
		out["EMAIL"] = []any{map[string]any{"ID": "501", "VALUE_TYPE": "WORK", "VALUE": address, "TYPE_ID": "EMAIL"}}
	}
	return out, nil
}
