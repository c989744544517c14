package sim

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"strings"
)

// mergeMultipart reads the text parts of a multipart form; files are not needed by any method here.
func mergeMultipart(params *value, body, boundary string) error {
	if boundary == "" {
		return errors.New("multipart body without boundary")
	}
	reader := multipart.NewReader(strings.NewReader(body), boundary)
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read multipart: %w", err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return fmt.Errorf("read multipart: %w", err)
		}
		setBracketed(params, part.FormName(), string(text))
	}
}
