package audit

import (
	"context"
	"fmt"

	"receivepayment/db"
)

// Log reads the lines. Safe for concurrent use.
type Log struct{ DB *db.DB }

// Fault is a place where a chain is broken.
type Fault struct {
	PortalID string
	Seq      int64
	What     string
}

func (f Fault) String() string {
	portal := f.PortalID
	if portal == House {
		portal = "the installation"
	}
	return fmt.Sprintf("%s, line %d: %s", portal, f.Seq, f.What)
}

// batch is how many lines are read at once.
const batch = 500

// Verify reads every line of every chain and answers the heads and what is
// wrong: a line that was altered, removed, slipped in or moved, and a chain that
// no longer holds a head that was known before.
func (l *Log) Verify(ctx context.Context, known ...Head) ([]Head, []Fault, error) {
	var heads []Head
	if err := l.DB.WithContext(ctx).Order("portal_id").Find(&heads).Error; err != nil {
		return nil, nil, fmt.Errorf("read audit heads: %w", err)
	}
	faults, err := l.headless(ctx)
	if err != nil {
		return heads, nil, err
	}
	for _, head := range heads {
		found, err := l.verify(ctx, head)
		if err != nil {
			return heads, faults, err
		}
		faults = append(faults, found...)
	}
	for _, head := range known {
		found, err := l.holds(ctx, head)
		if err != nil {
			return heads, faults, err
		}
		faults = append(faults, found...)
	}
	return heads, faults, nil
}

// VerifyPortal is the same for the chain of one portal, as it stands now. A
// portal of which nothing was written yet is whole.
func (l *Log) VerifyPortal(ctx context.Context, portalID string) (Head, []Fault, error) {
	head := Head{PortalID: portalID}
	if err := l.DB.WithContext(ctx).Where("portal_id = ?", portalID).Limit(1).Find(&head).Error; err != nil {
		return head, nil, fmt.Errorf("read audit head: %w", err)
	}
	faults, err := l.verify(ctx, head)
	return head, faults, err
}

// headless finds chains whose head was removed.
func (l *Log) headless(ctx context.Context) ([]Fault, error) {
	var ids []string
	tx := l.DB.WithContext(ctx)
	err := tx.Model(&Line{}).Distinct("portal_id").
		Where("portal_id NOT IN (?)", tx.Model(&Head{}).Select("portal_id")).Pluck("portal_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("read audit chains: %w", err)
	}
	var faults []Fault
	for _, id := range ids {
		faults = append(faults, Fault{PortalID: id, What: "the chain has no head"})
	}
	return faults, nil
}

// verify walks one chain. After a fault it goes on from what the line says of
// itself, so that one wrong line is one or two faults and not a thousand.
func (l *Log) verify(ctx context.Context, head Head) ([]Fault, error) {
	var faults []Fault
	var last Head
	named := false // a line with its words was met: from there on none is forgotten
	for {
		var lines []Line
		err := l.DB.WithContext(ctx).Where("portal_id = ? AND seq > ?", head.PortalID, last.Seq).
			Order("seq").Limit(batch).Find(&lines).Error
		if err != nil {
			return nil, fmt.Errorf("read audit: %w", err)
		}
		for _, line := range lines {
			faults = append(faults, line.against(last)...)
			if line.forgotten() && named {
				faults = append(faults, Fault{line.PortalID, line.Seq, "its words were taken away"})
			}
			named = named || !line.forgotten()
			last = Head{Seq: line.Seq, Hash: line.Hash}
		}
		if len(lines) < batch {
			break
		}
	}
	if last.Seq != head.Seq || last.Hash != head.Hash {
		faults = append(faults, Fault{head.PortalID, head.Seq, fmt.Sprintf("the newest line should be %d and is %d", head.Seq, last.Seq)})
	}
	return faults, nil
}

// against compares a line with itself and with the one before.
func (l Line) against(last Head) []Fault {
	var faults []Fault
	if l.Seq != last.Seq+1 {
		faults = append(faults, Fault{l.PortalID, last.Seq + 1, fmt.Sprintf("removed; the next line is %d", l.Seq)})
	}
	if l.Seq == last.Seq+1 && l.Prev != last.Hash {
		faults = append(faults, Fault{l.PortalID, l.Seq, "does not follow the line before"})
	}
	intact := l.Cover == "" || l.Cover == l.cover()
	if l.forgotten() {
		intact = l.ActorName == "" && l.Detail == ""
	}
	if l.Hash != l.sum() || !intact {
		faults = append(faults, Fault{l.PortalID, l.Seq, "altered"})
	}
	return faults
}

// holds checks that a head that was noted before is still in its chain.
func (l *Log) holds(ctx context.Context, known Head) ([]Fault, error) {
	var n int64
	err := l.DB.WithContext(ctx).Model(&Line{}).
		Where("portal_id = ? AND seq = ? AND hash = ?", known.PortalID, known.Seq, known.Hash).Count(&n).Error
	if err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	if n == 0 {
		return []Fault{{known.PortalID, known.Seq, "is not the line that was noted before"}}, nil
	}
	return nil, nil
}
