package bitrix

import "slices"

// Funnel is what the stages of one funnel mean, whatever their codes are on
// this portal (reference bitrix24 6.7).
type Funnel struct {
	// Paid is the stage for a covered invoice: the first that means success.
	Paid string `json:"paid"`
	// Success and Failure are the stages that end an item well or badly.
	Success []string `json:"success,omitempty"`
	Failure []string `json:"failure,omitempty"`
}

// FunnelOf reads the meaning out of a funnel's stages.
func FunnelOf(stages []Stage) Funnel {
	var f Funnel
	for _, s := range stages {
		switch s.Semantics {
		case StageSuccess:
			f.Success = append(f.Success, s.ID)
		case StageFailure:
			f.Failure = append(f.Failure, s.ID)
		}
	}
	if len(f.Success) > 0 {
		f.Paid = f.Success[0]
	}
	return f
}

// Succeeded reports whether the stage ends an item well.
func (f Funnel) Succeeded(stageID string) bool { return slices.Contains(f.Success, stageID) }

// Failed reports whether the stage ends an item badly.
func (f Funnel) Failed(stageID string) bool { return slices.Contains(f.Failure, stageID) }
