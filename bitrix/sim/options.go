package sim

// runAppOptionGet may be called by any user of the app: nothing secret belongs here.
func runAppOptionGet(c *call) (any, *restError) {
	return optionAnswer(c.p.app.options, c.args.get("option").str()), nil
}

// runAppOptionSet adds to what is there; options not sent stay.
func runAppOptionSet(c *call) (any, *restError) {
	sent := c.args.get("options")
	if !sent.isArray() {
		return nil, errMissing("options")
	}
	for _, name := range sent.keys {
		c.p.app.options[name] = sent.vals[name].str()
	}
	return true, nil
}

// runUserOptionGet reads the options of the token's owner.
func runUserOptionGet(c *call) (any, *restError) {
	return optionAnswer(c.p.app.userOptions[c.user.id], c.args.get("option").str()), nil
}

// runUserOptionSet writes the options of the token's owner.
func runUserOptionSet(c *call) (any, *restError) {
	sent := c.args.get("options")
	if !sent.isArray() {
		return nil, errMissing("options")
	}
	for _, name := range sent.keys {
		c.p.app.setUserOption(c.user.id, name, sent.vals[name].str())
	}
	return true, nil
}

// setUserOption makes the user's map at first need.
func (a *installation) setUserOption(userID int, name, text string) {
	if a.userOptions[userID] == nil {
		a.userOptions[userID] = map[string]string{}
	}
	a.userOptions[userID][name] = text
}

// optionAnswer is one option or all; none at all is PHP's empty list.
func optionAnswer(options map[string]string, name string) any {
	if name != "" {
		return options[name]
	}
	return phpOptions(options)
}

// phpOptions is the map, or [] when it is empty, as PHP encodes it.
func phpOptions(options map[string]string) any {
	if len(options) == 0 {
		return []any{}
	}
	return options
}
