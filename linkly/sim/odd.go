package sim

import (
	"encoding/json"
	"slices"
	"strconv"
)

// odd rewrites an event in the ways in which some stacks were seen to deliver it: a code and flags as strings, an empty
// PAD as a list, members null or left out (reference linkly 5.2, 5.3 and 7). What it says stays the same.
func odd(event []byte) []byte {
	var outer, inner map[string]json.RawMessage
	if json.Unmarshal(event, &outer) != nil || json.Unmarshal(outer["Response"], &inner) != nil {
		return event
	}
	for name, value := range inner {
		switch {
		case string(value) == "true" && name != "Success" && name != "IsPrePrint":
			inner[name] = json.RawMessage(`"1"`)
		case string(value) == "false" && name != "Success" && name != "IsPrePrint":
			inner[name] = json.RawMessage(`"0"`)
		case slices.Contains([]string{"AuthCode", "Stan", "AmtCash"}, name):
			inner[name] = json.RawMessage(strconv.Quote(string(value)))
		case name == "PurchaseAnalysisData" && string(value) == "{}":
			inner[name] = json.RawMessage("[]")
		case slices.Contains([]string{"AmtTip", "DateExpiry", "Track2", "InputType"}, name):
			inner[name] = json.RawMessage("null")
		}
	}
	delete(inner, "GraphicCode")
	delete(inner, "TxnFlags")
	inner["VendorNote"] = json.RawMessage(`{"unknown":[1,2]}`)
	outer["Response"] = quote(inner)
	return quote(outer)
}
