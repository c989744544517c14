package bitrix

import (
	"context"
	"errors"
	"strings"
)

// RequiredField names the field that the portal's administrator made mandatory and that a refused call
// left empty: its name in the methods and its title for people. The refusal's own sentence names it in
// one way or the other (reference bitrix24 6.4); both are empty when err is no such refusal, or the field
// cannot be told.
func (p *Portal) RequiredField(ctx context.Context, entityTypeID int, err error) (name, title string) {
	var refused *Error
	if !errors.As(err, &refused) || refused.Class != Invalid {
		return "", ""
	}
	text := strings.ToLower(refused.Description)
	if !strings.Contains(strings.ToUpper(refused.Code), "REQUIRED") && !strings.Contains(text, "required") {
		return "", ""
	}
	var got struct {
		Fields Map[struct {
			Title FlexString `json:"title"`
			Upper FlexString `json:"upperName"`
		}] `json:"fields"`
	}
	params := map[string]any{"entityTypeId": entityTypeID, "useOriginalUfNames": "Y"}
	if _, err := p.Call(ctx, "crm.item.fields", params, &got); err != nil {
		return "", ""
	}
	longest := 0 // "title" is a part of many names
	for field, about := range got.Fields {
		for _, spelling := range []string{field, string(about.Upper), string(about.Title)} {
			if len(spelling) > longest && strings.Contains(text, strings.ToLower(spelling)) {
				name, title, longest = field, either(string(about.Title), field), len(spelling)
			}
		}
	}

	return name, title
}
