package sim

import (
	"encoding/json"
	"fmt"
)

// toValue turns a result into the form in which later commands of a batch refer to it.
func toValue(result any) (*value, error) {
	raw, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	return decodeJSON(raw)
}
