package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"receivepayment/audit"
	"receivepayment/cmd/app/house"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Find lines that were altered, removed or slipped in."`
}

// auditVerifyCmd prints the newest line of each chain; kept elsewhere and given
// again later, it also finds a chain that was written anew as a whole.
type auditVerifyCmd struct {
	Known []string `help:"A newest line as an earlier run printed it: PORTAL/NUMBER/HASH." placeholder:"HEAD"`
}

// Run verifies every chain and fails when one is broken.
func (a auditVerifyCmd) Run(ctx context.Context, c house.Config) error {
	known := make([]audit.Head, len(a.Known))
	for i, text := range a.Known {
		var err error
		if known[i], err = readHead(text); err != nil {
			return err
		}
	}
	d, _, err := house.Store(ctx, c)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	heads, faults, err := (&audit.Log{DB: d}).Verify(ctx, known...)
	if err != nil {
		return err
	}
	for _, head := range heads {
		fmt.Printf("%s/%d/%s\n", head.PortalID, head.Seq, head.Hash)
	}
	for _, fault := range faults {
		fmt.Println("BROKEN", fault)
	}
	if len(faults) > 0 {
		return fmt.Errorf("the audit is broken in %d places", len(faults))
	}
	return nil
}

func readHead(text string) (audit.Head, error) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return audit.Head{}, fmt.Errorf("%q is not PORTAL/NUMBER/HASH", text)
	}
	seq, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || seq < 1 {
		return audit.Head{}, fmt.Errorf("%q is not PORTAL/NUMBER/HASH", text)
	}
	return audit.Head{PortalID: parts[0], Seq: seq, Hash: parts[2]}, nil
}
