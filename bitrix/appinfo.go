package bitrix

import "context"

// AppCode asks the portal for the code under which it runs our application, which deep links name:
// /marketplace/view/<code>/ (reference bitrix24 4.5 and 9.2).
func (p *Portal) AppCode(ctx context.Context) (string, error) {
	var got struct {
		Code FlexString `json:"CODE"`
	}
	if _, err := p.Call(ctx, "app.info", nil, &got); err != nil {
		return "", err
	}

	return string(got.Code), nil
}
