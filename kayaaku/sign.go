package kayaaku

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
)

// Signer signs what goes to the `thirdparty` host and checks what comes back:
// SHA-256 with RSA, PKCS#1 v1.5 (reference kayaaku 2.1).
type Signer struct {
	SourceSystem string
	Private      *rsa.PrivateKey
	// Host verifies answers; nil leaves that to TLS alone.
	Host *rsa.PublicKey
	// NoPrefix leaves sourceSystem and the line feed out of the signed text;
	// the vendor's samples disagree.
	NoPrefix bool
}

// ErrSignature means that an answer is not signed by the host.
var ErrSignature = errors.New("the answer is not signed by Kayaaku's host")

const signature = "signedMessage"

// Sign answers the bytes to send: the very bytes that were signed, with
// signedMessage as their last field.
func (s Signer) Sign(m Message) ([]byte, error) {
	if s.Private == nil {
		return nil, errors.New("sign: no private key")
	}
	body := m.JSON()
	sum := sha256.Sum256(s.text(body, !s.NoPrefix))
	sig, err := rsa.SignPKCS1v15(rand.Reader, s.Private, crypto.SHA256, sum[:])
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	value := url.QueryEscape(base64.StdEncoding.EncodeToString(sig))
	last := append(append([]byte{','}, quoted(signature)...), ':')
	last = append(append(last, quoted(value)...), '}')
	return append(body[:len(body)-1], last...), nil
}

func (s Signer) text(body []byte, prefix bool) []byte {
	if !prefix {
		return body
	}
	return append([]byte(s.SourceSystem+"\n"), body...)
}

// Verify checks an answer. The samples leave the prefix out in one language
// and show one signature in hexadecimal, so each of these is taken: whichever
// fits, only the holder of the key can have made it.
func (s Signer) Verify(raw []byte) error {
	if s.Host == nil {
		return nil
	}
	body, value := unsigned(raw)
	sig := unpack(value)
	if sig == nil {
		return ErrSignature
	}
	for _, prefix := range []bool{true, false} {
		sum := sha256.Sum256(s.text(body, prefix))
		if rsa.VerifyPKCS1v15(s.Host, crypto.SHA256, sum[:], sig) == nil {
			return nil
		}
	}
	return ErrSignature
}

// signedMember is the signature in a compact object. Its value holds neither
// quote nor backslash in any of the forms that [unpack] reads.
var signedMember = regexp.MustCompile(`,?"signedMessage":"([^"\\]*)"`)

// unsigned cuts the signature out of an object and leaves the other bytes as
// they were sent, but for space between them.
func unsigned(raw []byte) (body []byte, value string) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return nil, ""
	}
	found := signedMember.FindAllSubmatchIndex(compact.Bytes(), -1)
	if len(found) != 1 {
		return nil, ""
	}
	at, text := found[0], compact.Bytes()
	body = slices.Concat(text[:at[0]], text[at[1]:])
	return bytes.Replace(body, []byte("{,"), []byte("{"), 1), string(text[at[2]:at[3]])
}

// unpack reads a signature in Base64, URL-encoded or not, or hexadecimal.
func unpack(text string) []byte {
	if plain, err := url.PathUnescape(text); err == nil { // keeps "+", which is a letter of Base64
		text = plain
	}
	if raw, err := hex.DecodeString(text); err == nil && len(raw) > 0 {
		return raw
	}
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil && len(raw) > 0 {
		return raw
	}
	return nil
}

// weakest is the shortest key that is taken, in bits.
const weakest = 2048

// ParsePrivateKey reads PEM, PKCS#1 or PKCS#8. Its errors never quote the key.
func ParsePrivateKey(text string) (*rsa.PrivateKey, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("this is no private key in PEM")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		found, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, errors.New("this is no RSA private key")
		}
		var ok bool
		if key, ok = found.(*rsa.PrivateKey); !ok {
			return nil, errors.New("this is no RSA private key")
		}
	}
	if key.N.BitLen() < weakest {
		return nil, fmt.Errorf("the RSA key is shorter than %d bits", weakest)
	}
	return key, nil
}

// ParsePublicKey reads PEM: a public key or a certificate.
func ParsePublicKey(text string) (*rsa.PublicKey, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("this is no public key in PEM")
	}
	found, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		if key, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
			return strong(key)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("this is no RSA public key and no certificate")
		}
		found = certificate.PublicKey
	}
	key, ok := found.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("this is no RSA public key")
	}
	return strong(key)
}

func strong(key *rsa.PublicKey) (*rsa.PublicKey, error) {
	if key.N.BitLen() < weakest {
		return nil, fmt.Errorf("the RSA key is shorter than %d bits", weakest)
	}
	return key, nil
}
