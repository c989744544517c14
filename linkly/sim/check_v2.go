package sim

// introduced checks that a v2 body says who sends it, and that this is who the token was given to (reference linkly
// 5.0). Whether the members stand inside Request or beside it is not said, so both places are read, and a key press may
// do without them.
func (c *checker) introduced(kind string, o object, body []byte, tok *token) {
	env, err := parseObject(body)
	if err != nil {
		return // found by envelope
	}
	for _, m := range []struct{ name, want string }{
		{"posName", tok.posName},
		{"posVersion", tok.posVersion},
		{"posId", normal(tok.posID)},
	} {
		got := c.text(o, m.name, "", 0, 256)
		if got == "" {
			got = c.text(env, m.name, "", 0, 256)
		}
		if m.name == "posId" {
			got = normal(got)
		}
		switch {
		case got == "" && kind != "sendkey":
			c.note("introduction", "a v2 body needs %s", m.name)
		case got != "" && got != m.want:
			c.note("introduction", "%s %q differs from the token's %q", m.name, got, m.want)
		}
	}
}

// padded reads card data, which v2 wants at its full width and v1 at most that wide (reference linkly 5.1).
func (c *checker) padded(o object, name string, width int) string {
	v := c.text(o, name, "", 0, width)
	if c.v2 && v != "" && len(v) < width {
		c.refuse("length", "%s must have exactly %d characters, has %d", name, width, len(v))
	}
	return v
}
