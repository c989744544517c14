package pairing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"receivepayment/bitrix"
	"receivepayment/internal/fault"
)

const (
	// renewFor is how long one process may take to renew a pair before another
	// may try: it bounds the call, and the wait for a process that died in it.
	renewFor = 10 * time.Second
	// renewLook is how often the others look whether it is done.
	renewLook = 100 * time.Millisecond
)

// Renewed replaces a stale pair, once at a time: in this process by one flight
// per pair, among processes by a claim on the row. A refresh token works once,
// so whoever comes second waits for what the first one stores (reference
// bitrix24 2.3).
func (k *keptTokens) Renewed(ctx context.Context, stale bitrix.Token,
	renew func(context.Context, bitrix.Token) (bitrix.Token, error),
) (bitrix.Token, error) {
	key := k.portal.ID + "/" + k.userID
	got, err, _ := k.portals.flights.group.Do(key, func() (any, error) {
		return k.renewOnce(context.WithoutCancel(ctx), stale, renew)
	})
	if err != nil {
		return bitrix.Token{}, err
	}
	return got.(bitrix.Token), nil //nolint:forcetypeassert // renewOnce returns nothing else
}

func (k *keptTokens) renewOnce(ctx context.Context, stale bitrix.Token,
	renew func(context.Context, bitrix.Token) (bitrix.Token, error),
) (bitrix.Token, error) {
	current, row, err := k.claimPair(ctx, stale)
	if err != nil || current.Access != stale.Access {
		return current, err // an error, or somebody has renewed it already
	}
	within, cancel := context.WithTimeout(ctx, renewFor)
	defer cancel()
	fresh, err := renew(within, current)
	if err == nil {
		fault.Here(fault.TokenRenewed)
		return fresh, k.replace(ctx, row, fresh)
	}
	set := map[string]any{"renewing_until": nil}
	if errors.Is(err, bitrix.ErrTokenDead) {
		set["dead"] = true
	}
	if letErr := k.let(ctx, row, set); letErr != nil {
		return bitrix.Token{}, errors.Join(err, letErr)
	}
	if stored, _, readErr := k.read(ctx); readErr == nil && stored.Access != stale.Access {
		return stored, nil // somebody opened the app meanwhile, which brings a new pair
	}
	return bitrix.Token{}, err
}

// claimPair reads the pair, and makes its renewal ours if it is still the stale
// one. While another process is at it, it waits.
func (k *keptTokens) claimPair(ctx context.Context, stale bitrix.Token) (bitrix.Token, tokenRow, error) {
	for {
		current, row, err := k.read(ctx)
		if err != nil || current.Access != stale.Access {
			return current, row, err
		}
		now := k.portals.Clock()
		res := k.portals.DB.WithContext(ctx).Model(&tokenRow{}).
			Where("portal_id = ? AND user_id = ? AND version = ?", row.PortalID, row.UserID, row.Version).
			Where("renewing_until IS NULL OR renewing_until <= ?", now).Update("renewing_until", now.Add(renewFor))
		if res.Error != nil {
			return current, row, fmt.Errorf("claim the renewal of a token: %w", res.Error)
		}
		if res.RowsAffected == 1 {
			return current, row, nil
		}
		select {
		case <-ctx.Done():
			return current, row, ctx.Err()
		case <-time.After(renewLook):
		}
	}
}

// let ends our claim without a new pair. A pair that was replaced meanwhile is
// left alone.
func (k *keptTokens) let(ctx context.Context, row tokenRow, set map[string]any) error {
	return k.portals.DB.WithContext(ctx).Model(&tokenRow{}).
		Where("portal_id = ? AND user_id = ? AND version = ?", row.PortalID, row.UserID, row.Version).Updates(set).Error
}
