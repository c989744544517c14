package sim

func runAppOptionGet(c *call) (any, *restError) {
	return optionAnswer(c.p.app.options, c.args.get("option").str()), nil
}

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

func runUserOptionGet(c *call) (any, *restError) {
	return optionAnswer(c.p.app.userOptions[c.user.id], c.args.get("option").str()), nil
}

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

func phpOptions(options map[string]string) any {
	if len(options) == 0 {
		return []any{}
	}
	return options
}
