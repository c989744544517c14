package bitrix

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
)

// Employee is a person of the portal as its directory describes them (reference bitrix24 9.1).
type Employee struct {
	// ID is the user's id on the portal.
	ID string
	// Name and LastName are as the user wrote them, possibly empty; Position is their work.
	Name, LastName, Position string
	// Dismissed is true only when the portal says so outright: a field that is missing proves nothing.
	Dismissed bool
	// Departments are the ids that the user belongs to, without those above.
	Departments []string
}

// Department is one unit of the company's structure; Parent is empty at the top.
type Department struct{ ID, Name, Parent string }

type employeeWire struct {
	ID          FlexString      `json:"ID"`
	Active      json.RawMessage `json:"ACTIVE"`
	Name        FlexString      `json:"NAME"`
	LastName    FlexString      `json:"LAST_NAME"`
	Position    FlexString      `json:"WORK_POSITION"`
	Departments List[FlexInt]   `json:"UF_DEPARTMENT"`
	Kind        FlexString      `json:"USER_TYPE"`
}

func (w employeeWire) employee() Employee {
	e := Employee{
		ID: string(w.ID), Name: string(w.Name), LastName: string(w.LastName), Position: string(w.Position),
		Dismissed: saysNo(w.Active),
	}
	for _, id := range w.Departments {
		if id > 0 {
			e.Departments = append(e.Departments, strconv.FormatInt(int64(id), 10))
		}
	}

	return e
}

// saysNo tells an outright no from a field that was left out or is empty.
func saysNo(raw json.RawMessage) bool {
	switch strings.ToUpper(strings.Trim(string(raw), `"`)) {
	case "FALSE", "N", "0":
		return true
	}

	return false
}

// Me is the token's owner with their departments. It needs one of the user scopes.
func (p *Portal) Me(ctx context.Context) (Employee, error) {
	var got employeeWire
	if _, err := p.Call(ctx, "user.current", nil, &got); err != nil {
		return Employee{}, err
	}
	if got.ID == "" {
		return Employee{}, &Error{Method: "user.current", Class: Unclear, Err: errNoContent}
	}

	return got.employee(), nil
}

// Employees lists the portal's whole directory, dismissed people included; who the portal calls
// something else than an employee is left out. It needs one of the user scopes.
func (p *Portal) Employees(ctx context.Context) ([]Employee, error) {
	params := map[string]any{"ADMIN_MODE": true, "sort": "ID", "order": "ASC"}

	return collect(ctx, p, "user.get", params, 0, func(raw json.RawMessage) ([]Employee, error) {
		var rows List[employeeWire]
		if err := json.Unmarshal(raw, &rows); err != nil {
			return nil, &Error{Method: "user.get", Class: Unclear, Err: err}
		}
		out := make([]Employee, 0, len(rows))
		for _, row := range rows {
			if row.ID != "" && (row.Kind == "" || row.Kind == "employee") {
				out = append(out, row.employee())
			}
		}

		return out, nil
	})
}

// Departments lists the company's structure. It needs the scope department.
func (p *Portal) Departments(ctx context.Context) ([]Department, error) {
	return collect(ctx, p, "department.get", nil, 0, func(raw json.RawMessage) ([]Department, error) {
		var rows List[struct {
			ID     FlexString `json:"ID"`
			Name   FlexString `json:"NAME"`
			Parent FlexString `json:"PARENT"`
		}]
		if err := json.Unmarshal(raw, &rows); err != nil {
			return nil, &Error{Method: "department.get", Class: Unclear, Err: err}
		}
		out := make([]Department, 0, len(rows))
		for _, row := range rows {
			if row.ID != "" {
				out = append(out, Department{ID: string(row.ID), Name: string(row.Name), Parent: string(row.Parent)})
			}
		}

		return out, nil
	})
}
