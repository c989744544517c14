package access

// The rule, from the strongest to the weakest:
//
//  1. Administrators of the portal may do everything.
//  2. What was put for a person by name is what that person may do, and
//     nothing else: it overrides every department.
//  3. Otherwise a person may do what was put for any of their departments:
//     the union. A department speaks for those below it too.
//  4. Where nobody has said anything, everybody who may open the app may take
//     payments: a shop of three works without a setting.
//
// own is nil, and departments empty, where nobody has said anything; an empty
// text says "nothing at all".
func inForce(admin bool, own *string, departments []string) []Right {
	switch {
	case admin:
		return All()
	case own != nil:
		return words(*own)
	case len(departments) == 0:
		return []Right{Take}
	}
	has := map[Right]bool{}
	for _, said := range departments {
		for _, right := range words(said) {
			has[right] = true
		}
	}
	out := []Right{}
	for _, right := range All() {
		if has[right] {
			out = append(out, right)
		}
	}
	return out
}
