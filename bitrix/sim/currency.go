package sim

// runEntityTypes lists the directories, with the prefix that stages of smart types carry (reference bitrix24, 6.7).
func runEntityTypes(c *call) (any, *restError) {
	var out []any
	seen := map[string]bool{}
	for _, st := range c.p.statuses {
		if seen[st.entityID] {
			continue
		}
		seen[st.entityID] = true
		row := map[string]any{"ID": st.entityID, "NAME": st.entityID, "SEMANTIC_INFO": []any{}}
		if prefix := stagePrefix(st.code); prefix != "" {
			row["PREFIX"] = prefix[:len(prefix)-1]
			row["CATEGORY_ID"] = st.category
			row["ENTITY_TYPE_ID"] = st.typeID
		}
		out = append(out, row)
	}
	return out, nil
}

// runCurrencyList is crm.currency.list, a legacy method: texts and Y/N.
func runCurrencyList(c *call) (any, *restError) {
	var out []any
	for i, cur := range c.p.currencies {
		out = append(out, map[string]any{
			"CURRENCY": cur.code, "FULL_NAME": cur.name, "LANG": "en", "BASE": yesNo(cur.base),
			"AMOUNT": "1.0000", "AMOUNT_CNT": "1", "SORT": itoa((i + 1) * 100), "DECIMALS": itoa(cur.decimals),
			"FORMAT_STRING": "$#", "DEC_POINT": ".", "THOUSANDS_SEP": ",",
		})
	}
	return list{result: out, total: len(out)}, nil
}
