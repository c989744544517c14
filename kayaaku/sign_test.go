package kayaaku

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
)

func vector(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// testSigner holds the keys that openssl made.
func testSigner(t *testing.T) Signer {
	t.Helper()
	private, err := ParsePrivateKey(vector(t, "merchant.pem"))
	if err != nil {
		t.Fatal(err)
	}
	host, err := ParsePublicKey(vector(t, "host.pub"))
	if err != nil {
		t.Fatal(err)
	}
	return Signer{SourceSystem: "ABC", Private: private, Host: host}
}

func TestSignsAsOpenSSL(t *testing.T) {
	t.Parallel()
	body, err := testSigner(t).Sign(Message{
		{"Email", "till@example.com"}, {"TxnID", "7K2Q9M4X1C0ZT5AB"}, {"sourceSystem", "ABC"}, {"sequenceNo", "0000000000000001"},
	})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.TrimPrefix(vector(t, "enquiry.txt"), "ABC\n")
	want := strings.TrimSuffix(text, "}") + `,"signedMessage":"` + url.QueryEscape(vector(t, "enquiry.sig")) + `"}`
	if string(body) != want {
		t.Errorf("signed\n%s\nwant\n%s", body, want)
	}
}

func TestVerifiesWhatOpenSSLSigned(t *testing.T) {
	t.Parallel()
	text := vector(t, "answer-plain.txt")
	answer := func(signature string) string {
		return strings.TrimSuffix(text, "}") + `, "signedMessage" : "` + signature + `"}`
	}
	for name, signature := range map[string]string{
		"Base64, URL-encoded": url.QueryEscape(vector(t, "answer.sig")),
		"plain Base64":        vector(t, "answer.sig"),
		"hexadecimal":         vector(t, "answer.hex"),
		"without the prefix":  url.QueryEscape(vector(t, "answer-plain.sig")),
	} {
		if err := testSigner(t).Verify([]byte(answer(signature))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	first := `{"signedMessage":"` + vector(t, "answer.sig") + `",` + strings.TrimPrefix(text, "{")
	if err := testSigner(t).Verify([]byte(first)); err != nil {
		t.Errorf("signature first: %v", err)
	}
}

func TestRefusesWhatTheHostDidNotSign(t *testing.T) {
	t.Parallel()
	text, good := vector(t, "answer-plain.txt"), vector(t, "answer.sig")
	signed := func(text, signature string) string {
		return fmt.Sprintf(`%s,"signedMessage":"%s"}`, strings.TrimSuffix(text, "}"), signature)
	}
	for name, body := range map[string]string{
		"no signature":      text,
		"another code":      signed(strings.Replace(text, `"00"`, `"51"`, 1), good),
		"a field more":      signed(strings.TrimSuffix(text, "}")+`,"HTR":"1"}`, good),
		"our own signature": signed(text, vector(t, "enquiry.sig")),
		"two signatures":    signed(signed(text, good), good),
		"rubbish":           signed(text, "zz%%"),
		"empty":             signed(text, ""),
		"no object":         "OK",
	} {
		if err := testSigner(t).Verify([]byte(body)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestKeysAreReadOrRefusedWithoutQuotingThem(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "secret words", vector(t, "merchant.pub"), vector(t, "merchant.pem") + "more"} {
		if _, err := ParsePrivateKey(text); err == nil {
			t.Errorf("took %.20q for a private key", text)
		} else if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the error quotes the key: %v", err)
		}
	}
	if _, err := ParsePublicKey(vector(t, "merchant.pem")); err == nil {
		t.Error("took a private key for a public one")
	}
}
