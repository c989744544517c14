package bitrix

import (
	"context"
	"errors"
	"slices"
)

// Robot is a step that customers put into their automation (bizproc.robot.add, reference bitrix24 11).
type Robot struct {
	// Code is ours, of letters, digits, dot, hyphen and underscore; Handler our address.
	Code, Handler string
	// Name and Description by language.
	Name, Description map[string]string
	// Waits means that the workflow stands still until SendWorkflowEvent.
	Waits bool
	// Asks are the robot's parameters, Returns what it gives back, by their names.
	Asks, Returns map[string]RobotProperty
	// DocumentTypes are the kinds of items for which it is offered.
	DocumentTypes [][]string
}

// RobotProperty is one parameter or result of a robot.
type RobotProperty struct {
	Name string
	// Type is string, text, user, int, double, bool, …
	Type     string
	Required bool
}

func (r RobotProperty) wire() map[string]any {
	out := map[string]any{"Name": map[string]string{"en": r.Name}, "Type": r.Type, "Required": "N"}
	if r.Required {
		out["Required"] = "Y"
	}

	return out
}

// DocumentTypes of workflows on deals and on smart invoices.
func DocumentTypes() (deal, invoice []string) {
	return []string{"crm", "CCrmDocumentDeal"}, []string{"crm", `Bitrix\Crm\Integration\BizProc\Document\SmartInvoice`}
}

// Robots lists the codes of the application's robots.
func (p *Portal) Robots(ctx context.Context) ([]string, error) {
	var got List[FlexString]
	if _, err := p.Call(ctx, "bizproc.robot.list", nil, &got); err != nil {
		return nil, err
	}
	codes := make([]string, 0, len(got))
	for _, code := range got {
		codes = append(codes, string(code))
	}

	return codes, nil
}

// AddRobot offers a robot; administrators only. One that is there already is a success.
func (p *Portal) AddRobot(ctx context.Context, r Robot) error {
	params := map[string]any{
		"CODE": r.Code, "HANDLER": r.Handler, "NAME": r.Name, "DESCRIPTION": r.Description, "USE_SUBSCRIPTION": "N",
		"PROPERTIES": wired(r.Asks), "RETURN_PROPERTIES": wired(r.Returns), "FILTER": map[string]any{"INCLUDE": r.DocumentTypes},
	}
	if r.Waits {
		params["USE_SUBSCRIPTION"] = "Y"
	}
	_, err := p.Call(ctx, "bizproc.robot.add", params, nil)
	var e *Error
	if errors.As(err, &e) && (e.HasCode("ERROR_ACTIVITY_ALREADY_INSTALLED") || e.Description == "Activity or Automation rule already added!") {
		return nil
	}

	return err
}

func wired(properties map[string]RobotProperty) map[string]any {
	out := map[string]any{}
	for name, property := range properties {
		out[name] = property.wire()
	}

	return out
}

// DeleteRobot takes a robot away. One that was not there is a success.
func (p *Portal) DeleteRobot(ctx context.Context, code string) error {
	codes, err := p.Robots(ctx)
	if err != nil || !slices.Contains(codes, code) {
		return err
	}
	_, err = p.Call(ctx, "bizproc.robot.delete", map[string]any{"CODE": code}, nil)

	return err
}

// AnswerWorkflow returns a robot's results to the workflow that waits for them. The token works once: a
// second answer meets a workflow that has gone on, and is refused.
func (p *Portal) AnswerWorkflow(ctx context.Context, token string, values map[string]string, log string) error {
	_, err := p.Call(ctx, "bizproc.event.send", map[string]any{
		"EVENT_TOKEN": token, "RETURN_VALUES": values, "LOG_MESSAGE": log,
	}, nil)

	return err
}
