package sim

import "slices"

// runRowAdd appends one row; fields name the owner.
func runRowAdd(c *call) (any, *restError) {
	fields := c.args.get("fields")
	if !fields.isArray() {
		return nil, errMissing("fields")
	}
	it, refusal := c.owner(fields.get("ownerType"), fields.get("ownerId"), canWrite)
	if refusal != nil {
		return nil, refusal
	}
	row, refusal := parseRow(fields)
	if refusal != nil {
		return nil, refusal
	}
	key := ownerKey{it.typeID, it.id}
	row.id = c.p.nextID("productrow")
	if row.sort == 0 {
		row.sort = (len(c.p.rows[key]) + 1) * 10
	}
	c.p.rows[key] = append(c.p.rows[key], row)
	c.p.recalculate(it)
	c.announce(it, "UPDATE")
	return map[string]any{"productRow": row.output(key)}, nil
}

// runRowGet is crm.item.productrow.get.
func runRowGet(c *call) (any, *restError) {
	key, at, refusal := c.rowOf(canRead)
	if refusal != nil {
		return nil, refusal
	}
	return map[string]any{"productRow": c.p.rows[key][at].output(key)}, nil
}

// runRowDelete removes one row; the amount of its document follows.
func runRowDelete(c *call) (any, *restError) {
	key, at, refusal := c.rowOf(canWrite)
	if refusal != nil {
		return nil, refusal
	}
	c.p.rows[key] = slices.Delete(c.p.rows[key], at, at+1)
	it := c.p.item(key.typeID, key.id)
	c.p.recalculate(it)
	c.announce(it, "UPDATE")
	return nil, nil
}

// rowOf finds a row by its id, whichever document has it.
func (c *call) rowOf(right func(Rights) bool) (ownerKey, int, *restError) {
	id, ok := c.args.get("id").number()
	if !ok {
		return ownerKey{}, 0, errMissing("id")
	}
	if !c.user.may(right) {
		return ownerKey{}, 0, errDenied()
	}
	for key, rows := range c.p.rows {
		for at, row := range rows {
			if row.id == id {
				return key, at, nil
			}
		}
	}
	return ownerKey{}, 0, errNotFound()
}
