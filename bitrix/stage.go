package bitrix

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// What a stage means to the CRM (reference bitrix24 6.7). Do not mix them up with stage codes, where
// S stands for "sent".
const (
	StageSuccess = "S"
	StageFailure = "F"
)

// Category is a funnel of one kind of item.
type Category struct {
	ID        int64
	Name      string
	Sort      int64
	IsDefault bool
}

// Stage is one stage of a funnel.
type Stage struct {
	// ID is the code that items carry (STATUS_ID), such as DT31_3:P.
	ID, Name string
	// Semantics is StageSuccess, StageFailure or empty while in progress.
	Semantics string
	Sort      int64
}

// Categories lists the funnels of a kind. Their ids differ from portal to portal.
func (p *Portal) Categories(ctx context.Context, entityTypeID int) ([]Category, error) {
	const method = "crm.category.list"

	return collect(ctx, p, method, map[string]any{"entityTypeId": entityTypeID}, 0,
		func(raw json.RawMessage) ([]Category, error) {
			var got struct {
				Categories List[struct {
					ID        FlexInt    `json:"id"`
					Name      FlexString `json:"name"`
					Sort      FlexInt    `json:"sort"`
					IsDefault FlexBool   `json:"isDefault"`
				}] `json:"categories"`
			}
			if err := decodeResult(method, http.StatusOK, raw, &got); err != nil {
				return nil, err
			}
			all := make([]Category, 0, len(got.Categories))
			for _, c := range got.Categories {
				all = append(all, Category{
					ID: int64(c.ID), Name: string(c.Name), Sort: int64(c.Sort), IsDefault: bool(c.IsDefault),
				})
			}

			return all, nil
		})
}

// Stages lists the stages of one funnel in their order.
func (p *Portal) Stages(ctx context.Context, entityTypeID int, categoryID int64) ([]Stage, error) {
	const method = "crm.status.list"

	params := map[string]any{
		"filter": map[string]any{"ENTITY_ID": stageEntity(entityTypeID, categoryID)},
		"order":  map[string]any{"SORT": "ASC"},
	}

	return collect(ctx, p, method, params, 0, func(raw json.RawMessage) ([]Stage, error) {
		var got List[stageWire]
		if err := decodeResult(method, http.StatusOK, raw, &got); err != nil {
			return nil, err
		}
		all := make([]Stage, 0, len(got))
		for _, s := range got {
			all = append(all, s.stage())
		}

		return all, nil
	})
}

type stageWire struct {
	ID        FlexString           `json:"STATUS_ID"`
	Name      FlexString           `json:"NAME"`
	Sort      FlexInt              `json:"SORT"`
	Semantics FlexString           `json:"SEMANTICS"`
	Extra     Map[json.RawMessage] `json:"EXTRA"`
}

func (s stageWire) stage() Stage {
	return Stage{ID: string(s.ID), Name: string(s.Name), Sort: int64(s.Sort), Semantics: s.meaning()}
}

// meaning reads the letter, or the word that stands beside it.
func (s stageWire) meaning() string {
	switch letter := strings.ToUpper(string(s.Semantics)); letter {
	case StageSuccess, StageFailure:
		return letter
	case "":
		word, err := scalar(s.Extra["SEMANTICS"])
		if err != nil {
			return ""
		}
		switch word {
		case "success":
			return StageSuccess
		case "failure":
			return StageFailure
		}
	}

	return ""
}

// stageEntity names the dictionary of a funnel's stages (reference bitrix24 6.2 and 6.7). The general
// deal funnel has no number in it.
func stageEntity(entityTypeID int, categoryID int64) string {
	category := strconv.FormatInt(categoryID, 10)
	switch {
	case entityTypeID == TypeDeal && categoryID == 0:
		return "DEAL_STAGE"
	case entityTypeID == TypeDeal:
		return "DEAL_STAGE_" + category
	case entityTypeID == TypeInvoice:
		return "SMART_INVOICE_STAGE_" + category
	}

	return fmt.Sprintf("DYNAMIC_%d_STAGE_%s", entityTypeID, category)
}
