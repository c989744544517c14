package bitrix_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"receivepayment/bitrix"
)

// The catalogue of reference bitrix24 B, and the method-specific codes of 2.4, 4.1, 6 and 7.
func TestEveryKnownErrorHasItsClass(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		code   string
		text   string
		want   bitrix.Class
	}{
		{400, "INVALID_REQUEST", "Https required", bitrix.Invalid},
		{400, "ERROR_BATCH_LENGTH_EXCEEDED", "", bitrix.Invalid},
		{400, "ERROR_ARGUMENT", "", bitrix.Invalid},
		{200, "ERROR_ARGUMENT", "", bitrix.Invalid},
		{400, "ERROR_CORE", "status ID already exists", bitrix.Invalid},
		{400, "", "", bitrix.Invalid},
		{400, "", "Access denied.", bitrix.Denied},
		{400, "0", "Payment not found", bitrix.NotFound},
		{400, "0", "", bitrix.Invalid},
		{400, "100", "Could not find value for parameter", bitrix.Invalid},
		{400, "-", "You cannot change the stage", bitrix.Invalid},
		{400, "NOT_FOUND", "", bitrix.NotFound},
		{400, "ACCESS_DENIED", "", bitrix.Denied},
		{400, "INVALID_ARG_VALUE", "", bitrix.Invalid},
		{400, "INVALID_ARG_VALUE", "product not found", bitrix.Invalid},
		{400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", "", bitrix.Invalid},
		{400, "CRM_FIELD_ERROR_REQUIRED", "Field is required", bitrix.Invalid},
		{400, "OWNER_NOT_FOUND", "", bitrix.NotFound},
		{400, "ENTITY_TYPE_NOT_SUPPORTED", "", bitrix.Invalid},
		{400, "UPDATE_DYNAMIC_ITEM_RESTRICTED", "", bitrix.Denied},
		{400, "ERROR_EVENT_NOT_FOUND", "", bitrix.NotFound},
		{400, "ERROR_PLACEMENT_NOT_FOUND", "", bitrix.NotFound},
		{200, "ERROR_PLACEMENT_MAX_COUNT", "", bitrix.Invalid},
		{200, "EMPTY_ERROR_HANDLER_URL", "", bitrix.Invalid},
		{400, "ERROR_WRONG_HANDLER_URL", "", bitrix.Invalid},
		{400, "ERROR_UNSUPPORTED_PROTOCOL", "", bitrix.Invalid},
		{400, "USER_ID_EMPTY", "", bitrix.Invalid},
		{400, "MESSAGE_EMPTY", "", bitrix.Invalid},
		{400, "200040300010", "", bitrix.Denied},
		{400, "200040300020", "", bitrix.Denied},
		{400, "200540400001", "", bitrix.NotFound},
		{400, "201240400001", "", bitrix.NotFound},
		{400, "200640400001", "", bitrix.NotFound},
		{400, "201650000001", "", bitrix.Invalid},
		{401, "expired_token", "", bitrix.Auth},
		{401, "NO_AUTH_FOUND", "", bitrix.Auth},
		{401, "invalid_token", "", bitrix.Auth},
		{401, "APPLICATION_NOT_FOUND", "", bitrix.Gone},
		{401, "ERROR_OAUTH", "Application not installed", bitrix.Gone},
		{401, "ERROR_OAUTH", "", bitrix.Auth},
		{401, "NOT_INSTALLED", "", bitrix.Gone},
		{401, "authorization_error", "", bitrix.Auth},
		{401, "METHOD_CONFIRM_WAITING", "", bitrix.Denied},
		{401, "insufficient_scope", "", bitrix.Denied},
		{403, "insufficient_scope", "", bitrix.Denied},
		{401, "INVALID_CREDENTIALS", "", bitrix.Denied},
		{403, "INVALID_CREDENTIALS", "", bitrix.Denied},
		{401, "PAYMENT_REQUIRED", "", bitrix.Denied},
		{403, "ACCESS_DENIED", "available only on commercial plans", bitrix.Denied},
		{403, "user_access_error", "", bitrix.Denied},
		{403, "WRONG_AUTH_TYPE", "", bitrix.Denied},
		{403, "allowed_only_intranet_user", "", bitrix.Denied},
		{403, "METHOD_CONFIRM_DENIED", "", bitrix.Denied},
		{404, "ERROR_METHOD_NOT_FOUND", "Method not found!", bitrix.Invalid},
		{404, "ERROR_MANIFEST_IS_NOT_AVAILABLE", "", bitrix.Invalid},
		{405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "", bitrix.Invalid},
		{410, "PORTAL_DELETED", "", bitrix.Gone},
		{500, "PORTAL_DELETED", "", bitrix.Gone},
		{429, "OPERATION_TIME_LIMIT", "", bitrix.Limited},
		{429, "SOMETHING_NEW", "", bitrix.Limited},
		{500, "INTERNAL_SERVER_ERROR", "", bitrix.Unclear},
		{500, "ERROR_UNEXPECTED_ANSWER", "", bitrix.Unclear},
		{500, "", "access denied", bitrix.Unclear},
		{503, "QUERY_LIMIT_EXCEEDED", "", bitrix.Limited},
		{503, "OVERLOAD_LIMIT", "", bitrix.Limited},
		{400, "SOMETHING_NEW", "", bitrix.Invalid},
		{401, "SOMETHING_NEW", "", bitrix.Auth},
		{403, "SOMETHING_NEW", "", bitrix.Denied},
		{410, "SOMETHING_NEW", "", bitrix.Gone},
		{500, "SOMETHING_NEW", "", bitrix.Unclear},
	} {
		for _, code := range []string{c.code, strings.ToLower(c.code), strings.ToUpper(c.code)} {
			if got := bitrix.Classify(c.status, code, c.text); got != c.want {
				t.Errorf("%d %q %q: class = %v, want %v", c.status, code, c.text, got, c.want)
			}
		}
	}
}

func TestTheErrorKeyIsReadInEveryShape(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		code   string
		text   string
		want   bitrix.Class
	}{
		"text":                  {400, `{"error":"NOT_FOUND","error_description":"Item not found"}`, "NOT_FOUND", "Item not found", bitrix.NotFound},
		"number":                {400, `{"error":0,"error_description":"no pay system"}`, "0", "no pay system", bitrix.Invalid},
		"long number":           {400, `{"error":200040300010}`, "200040300010", "", bitrix.Denied},
		"empty":                 {400, `{"error":"","error_description":"Access denied."}`, "", "Access denied.", bitrix.Denied},
		"empty beside a result": {200, `{"result":true,"error":""}`, "", "", bitrix.Invalid},
		"number on 200":         {200, `{"error":100}`, "100", "", bitrix.Invalid},
		"object of REST 3.0":    {400, `{"error":{"code":"ACCESS_DENIED","message":"no"}}`, "ACCESS_DENIED", "no", bitrix.Denied},
		"list":                  {400, `{"error":["x"]}`, "", "", bitrix.Invalid},
		"description null":      {400, `{"error":"NOT_FOUND","error_description":null}`, "NOT_FOUND", "", bitrix.NotFound},
		"status alone":          {403, `{}`, "", "", bitrix.Denied},
		"HTML in the text":      {400, `{"error":"ERROR_CORE","error_description":"Required:<br>\n <b class=\"x\">Due&nbsp;date</b> &amp; more"}`, "ERROR_CORE", "Required: Due date & more", bitrix.Invalid},
		"byte order mark":       {400, "\xef\xbb\xbf" + `{"error":"NOT_FOUND"}`, "NOT_FOUND", "", bitrix.NotFound},
		"limit as HTML":         {429, `<html>`, "", "", bitrix.Limited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := bitrix.DecodeAnswer(c.status, []byte(c.body))
			if got == nil {
				t.Fatal("taken for a success")
			}
			equal(t, []any{got.Status, got.Code, got.Description, got.Class}, []any{c.status, c.code, c.text, c.want})
		})
	}
}

func TestANullErrorIsASuccess(t *testing.T) {
	t.Parallel()
	if got := bitrix.DecodeAnswer(200, []byte(`{"result":true,"error":null}`)); got != nil {
		t.Errorf("error = %v", got)
	}
}

func TestALongDescriptionIsShortened(t *testing.T) {
	t.Parallel()
	got := bitrix.DecodeAnswer(400, []byte(`{"error":"X","error_description":"`+strings.Repeat("ä", 4000)+`"}`))
	equal(t, len([]rune(got.Description)), 501)
}

func TestATimeLimitSaysUntilWhen(t *testing.T) {
	t.Parallel()
	body := `{"error":"OPERATION_TIME_LIMIT","time":{"operating":481.5,"operating_reset_at":1795222200}}`
	got := bitrix.DecodeAnswer(429, []byte(body))
	equal(t, got.Until, time.Unix(1795222200, 0).UTC())
}

func TestAnErrorTellsMethodStatusCodeAndReason(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.update", says(400, `{"error":"CRM_FIELD_ERROR_REQUIRED","error_description":"Due date is required"}`))

	_, err := s.portal().UpdateInvoice(t.Context(), 77, bitrix.InvoiceFields{StageID: "DT31_3:P"})

	equal(t, err.Error(), "bitrix crm.item.update: invalid: http 400 CRM_FIELD_ERROR_REQUIRED: Due date is required")
	var e *bitrix.Error
	if !errors.As(err, &e) || !e.HasCode("crm_field_error_required") {
		t.Errorf("error is %#v", err)
	}
}

func TestClassOfLooksThroughWrapping(t *testing.T) {
	t.Parallel()
	inner := &bitrix.Error{Class: bitrix.Denied}
	equal(t, bitrix.ClassOf(fmt.Errorf("mark invoice 77 paid: %w", inner)), bitrix.Denied)
	equal(t, bitrix.ClassOf(io.EOF), bitrix.Unclear)
	equal(t, bitrix.ClassOf(nil), bitrix.Class(0))
}

func TestEveryClassHasAName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for c := bitrix.Denied; c <= bitrix.Unclear; c++ {
		name := c.String()
		if name == "none" || seen[name] {
			t.Errorf("class %d is called %q", c, name)
		}
		seen[name] = true
		equal(t, c.NotApplied(), c != bitrix.Unclear)
	}
	equal(t, bitrix.Class(0).String(), "none")
}
