package bitrix

import (
	"context"
	"strconv"
)

// Item names one item of the CRM.
type Item struct {
	Type int
	ID   int64
}

// Readable asks, in one request, which of the items the token's owner may read: how many they can, and
// how many the portal denies them. One that does not exist counts as neither.
func (p *Portal) Readable(ctx context.Context, items []Item) (readable, denied int, err error) {
	if len(items) == 0 {
		return 0, 0, nil
	}
	items = items[:min(len(items), maxBatch)]
	cmds := make([]Command, len(items))
	for i, it := range items {
		cmds[i] = Command{Key: "item" + strconv.Itoa(i), Method: "crm.item.get", Params: itemParams(it.Type, it.ID)}
	}
	batch, err := p.Batch(ctx, cmds)
	if err != nil {
		return 0, 0, err
	}
	for i := range items {
		_, err := batch.Decode(cmds[i].Key, nil)
		switch ClassOf(err) {
		case 0:
			readable++
		case Denied:
			denied++
		case NotFound, Invalid:
		case Auth, Limited, Moved, Gone, Unavailable, Unclear:
			return 0, 0, err
		}
	}

	return readable, denied, nil
}
