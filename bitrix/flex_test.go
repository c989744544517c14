package bitrix_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"receivepayment/bitrix"
)

// decoded is the table behind the tests of this file: every value with what becomes of it, or that it
// is refused.
func decoded[T any](t *testing.T, good map[string]T, bad ...string) {
	t.Helper()
	for text, want := range good {
		var got T
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		equal(t, got, want)
	}
	for _, text := range bad {
		var got T
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s is read as %v", text, got)
		}
	}
}

func TestAmountsAreExactText(t *testing.T) {
	t.Parallel()
	decoded(t, map[string]bitrix.Amount{
		`187.5`: "187.5", `"1000.00"`: "1000.00", `100`: "100", `0`: "0", `-5.25`: "-5.25",
		`187.49999999999997`: "187.49999999999997", `0.1`: "0.1",
		`1e2`: "100", `1.5E3`: "1500", `1.25e1`: "12.5", `5e-3`: "0.005", `1E+2`: "100", `"12e-1"`: "1.2",
		`90071992547409931.01`: "90071992547409931.01",
		`null`:                 "", `""`: "", `" "`: "", `false`: "", `[]`: "",
		`".5"`: "0.5", `"5."`: "5", `"007"`: "7", `"+3"`: "3", `"-0.00"`: "0.00", `" 12.50 "`: "12.50",
	}, `"12,50"`, `"1 000.00"`, `"12.50|NZD"`, `"abc"`, `true`, `[1]`, `{"a":1}`, `"1e99"`, `1e999999999`, `"."`, `"--1"`, `"0x10"`, `"NaN"`)
}

func TestAmountsAreSentAsNumbers(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal([]bitrix.Amount{"187.50", "1e2", "007.5", ""})
	succeeds(t, err)
	equal(t, string(got), `[187.50,100,7.5,null]`)

	for _, bad := range []bitrix.Amount{"12 NZD", `1,"x":2`, "NaN"} {
		if b, err := json.Marshal(bad); err == nil {
			t.Errorf("%q is sent as %s", bad, b)
		}
	}
}

func TestAnAmountSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[1-9][0-9]{0,15}(\.[0-9]{1,8})?`).Draw(t, "amount")
		var got bitrix.Amount
		if err := json.Unmarshal([]byte(text), &got); err != nil || string(got) != text {
			t.Fatalf("%s became %q: %v", text, got, err)
		}
		b, err := json.Marshal(got)
		if err != nil || string(b) != text {
			t.Fatalf("%s was sent as %s: %v", text, b, err)
		}
	})
}

func TestWholeNumbersComeInManyForms(t *testing.T) {
	t.Parallel()
	decoded(t, map[string]bitrix.FlexInt{
		`14`: 14, `"14"`: 14, `"14.00"`: 14, `14.0`: 14, `-3`: -3, `null`: 0, `""`: 0, `false`: 0, `[]`: 0,
		`"9223372036854775807"`: 9223372036854775807,
	}, `"x"`, `14.5`, `true`, `[1]`, `{"a":1}`, `"9223372036854775808"`, `1e3`)
}

func TestTextsComeInManyForms(t *testing.T) {
	t.Parallel()
	decoded(t, map[string]bitrix.FlexString{
		`"a"`: "a", `12`: "12", `1.50`: "1.50", `null`: "", `false`: "", `true`: "true", `{}`: "", `[]`: "", `"\u00e4"`: "ä",
	}, `["a"]`, `{"a":1}`)
}

func TestYesAndNoComeInManyForms(t *testing.T) {
	t.Parallel()
	decoded(t, map[string]bitrix.FlexBool{
		`"Y"`: true, `"y"`: true, `true`: true, `"true"`: true, `1`: true, `"1"`: true,
		`"N"`: false, `false`: false, `0`: false, `"0"`: false, `null`: false, `""`: false, `[]`: false,
	}, `"maybe"`, `2`, `["Y"]`)
}

func TestListsMayBeObjectsAndObjectsLists(t *testing.T) {
	t.Parallel()
	decoded(t, map[string]bitrix.List[int]{
		`[1,2]`: {1, 2}, `{"0":1,"10":3,"2":2}`: {1, 2, 3}, `{"b":2,"a":1}`: {1, 2},
		`[]`: {}, `{}`: nil, `null`: nil, `false`: nil, `""`: nil,
	}, `"x"`, `["x"]`, `{"a":"x"}`, `7`)
	decoded(t, map[string]bitrix.Map[int]{
		`{"a":1}`: {"a": 1}, `[]`: {}, `[5,6]`: {"0": 5, "1": 6}, `null`: nil, `""`: nil, `{}`: {},
	}, `"x"`, `{"a":"x"}`, `["x"]`, `7`)
}
