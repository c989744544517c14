package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/web/assets"
)

// routes is every address that we answer, on one screen.
func (s *Server) routes() {
	e := s.echo

	// Bitrix24: the installer, and every placement with the app's own page.
	e.POST("/bitrix/install", s.install)
	e.POST("/bitrix/install/steps/:step", s.installer(s.runInstallStep))
	e.POST("/bitrix/app", s.enter)
	for _, path := range []string{"/", "/bitrix/install", "/bitrix/app"} {
		e.GET(path, s.outside)
		e.HEAD(path, s.outside)
	}

	// Bitrix24: what was changed, and our own life there.
	e.POST("/bitrix/events", s.bitrixEvent)
	e.POST("/bitrix/robot", s.bitrixRobot)

	// Linkly: what the terminal says.
	e.POST("/linkly/notify/:id/:type", s.notify)

	// The programs at the tills that carry payments to a Kayaaku device.
	e.POST("/bridge/v1/pair", echo.WrapHandler(s.Bridges))
	e.GET("/bridge/v1/socket", echo.WrapHandler(s.Bridges))
	e.POST("/bridge/v1/exchange", echo.WrapHandler(s.Bridges))

	// Operations.
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", s.readyz)
	if s.Metrics != nil {
		e.GET("/metrics", echo.WrapHandler(s.Metrics))
	}
	e.GET("/openapi.yaml", s.openapi)
	e.GET(assets.Prefix+"*", echo.WrapHandler(http.StripPrefix(assets.Prefix, cached(assets.FS))))

	// People and programs.
	e.GET("/api/v1/documents", s.any(s.listDocuments))
	e.POST("/api/v1/invoices", s.as(access.Take, s.addInvoice))
	e.GET("/api/v1/payments", s.any(s.listPayments))
	e.POST("/api/v1/payments", s.as(access.Take, s.startPayment))
	e.GET("/api/v1/payments/:id", s.any(s.showPayment))
	e.GET("/api/v1/payments/:id/events", s.streamPayment)
	e.POST("/api/v1/payments/:id/keys", s.any(s.pressKey))
	e.POST("/api/v1/payments/:id/refunds", s.as(access.Refund, s.startRefund))
	e.POST("/api/v1/payments/:id/refund-requests", s.any(s.requestRefund))
	e.POST("/api/v1/payments/:id/receipts/:slip/print", s.any(s.printReceipt))
	e.GET("/api/v1/payments/:id/receipts/:slip/mailings", s.any(s.showLetter))
	e.POST("/api/v1/payments/:id/receipts/:slip/mailings", s.any(s.mailReceipt))
	e.GET("/api/v1/refund-requests", s.any(s.listRequests))
	e.GET("/api/v1/refund-requests/:id", s.any(s.showRequest))
	e.POST("/api/v1/refund-requests/:id/approve", s.any(s.approveRequest))
	e.POST("/api/v1/refund-requests/:id/reject", s.any(s.rejectRequest))
	e.POST("/api/v1/refund-requests/:id/send", s.any(s.sendRequest))
	e.GET("/api/v1/payments/:id/support", s.any(s.showSupport))
	e.POST("/api/v1/payments/:id/check", s.any(s.checkPayment))
	e.POST("/api/v1/payments/:id/release", s.as(access.Take, s.releasePayment))
	e.POST("/api/v1/payments/:id/resolve", s.as(access.Resolve, s.resolvePayment))
	e.POST("/api/v1/payments/:id/ask-manager", s.any(s.askManager))
	e.POST("/api/v1/payments/:id/take-over", s.as(access.Take, s.takeOverPayment))
	e.POST("/api/v1/payments/:id/alerts/:code/acknowledge", s.any(s.acknowledgeAlert))
	e.POST("/api/v1/payments/:id/write-backs/:target/retry", s.any(s.retryWriteBack))
	e.POST("/api/v1/stream-tickets", s.any(s.giveTicket))
	e.GET("/api/v1/attention", s.any(s.listAttention))
	e.GET("/api/v1/connection", s.admin(s.showConnection))
	e.PUT("/api/v1/connection", s.admin(s.putConnection))
	e.POST("/api/v1/connection/repair", s.admin(s.repair))
	e.GET("/api/v1/settings", s.any(s.showSettings))
	e.PUT("/api/v1/settings", s.admin(s.putSettings))
	e.PUT("/api/v1/settings/crm", s.admin(s.chooseTelling))
	e.GET("/api/v1/settings/stages", s.admin(s.listStages))
	e.PUT("/api/v1/settings/stages", s.admin(s.chooseStages))
	e.POST("/api/v1/settings/stages", s.admin(s.addStage))
	e.GET("/api/v1/write-backs", s.any(s.listWriteBacks))
	e.GET("/api/v1/audit", s.as(access.Report, s.listAudit))
	e.GET("/api/v1/audit/proof", s.as(access.Report, s.proveAudit))
	e.GET("/api/v1/till-policy", s.any(s.showPolicy))
	e.PATCH("/api/v1/till-policy", s.admin(s.changePolicy))
	e.GET("/api/v1/rights", s.any(s.listRights))
	e.PUT("/api/v1/rights/:user", s.admin(s.putRights))
	e.GET("/api/v1/rights/:user", s.admin(s.showHolder))
	e.DELETE("/api/v1/rights/:user", s.admin(s.withdrawRights))
	e.GET("/api/v1/people", s.as(access.Pair, s.listPeople))
	e.GET("/api/v1/people/:user", s.as(access.Pair, s.showPerson))
	e.PUT("/api/v1/people/:user", s.as(access.Pair, s.putPerson))
	e.GET("/api/v1/groups", s.as(access.Pair, s.listGroups))
	e.POST("/api/v1/groups", s.as(access.Pair, s.addGroup))
	e.PATCH("/api/v1/groups/:id", s.as(access.Pair, s.changeGroup))
	e.DELETE("/api/v1/groups/:id", s.as(access.Pair, s.dropGroup))
	e.GET("/api/v1/opening", s.as(access.Pair, s.showOpening))
	e.PUT("/api/v1/opening", s.as(access.Pair, s.putOpening))
	e.GET("/api/v1/terminals", s.any(s.listTerminals))
	e.POST("/api/v1/terminals", s.as(access.Pair, s.pairTerminal))
	e.GET("/api/v1/terminals/wizard", s.as(access.Pair, s.startWizard))
	e.POST("/api/v1/terminals/ask", s.as(access.Take, s.askForTerminal))
	e.GET("/api/v1/terminals/:id", s.any(s.showTerminal))
	e.POST("/api/v1/terminals/:id/test-sale", s.as(access.Pair, s.startTestSale))
	e.PATCH("/api/v1/terminals/:id", s.any(s.changeTerminal))
	e.DELETE("/api/v1/terminals/:id", s.as(access.Pair, s.retireTerminal))
	e.POST("/api/v1/terminals/:id/pair", s.as(access.Pair, s.pairTerminalAgain))
	e.GET("/api/v1/terminals/:id/functions", s.any(s.listFunctions))
	e.POST("/api/v1/terminals/:id/functions", s.any(s.beginFunction))
	e.GET("/api/v1/terminals/:id/functions/:function", s.any(s.showFunction))
	e.POST("/api/v1/terminals/:id/functions/:function/keys", s.any(s.pressFunctionKey))
	e.PUT("/api/v1/terminals/:id/settlement", s.as(access.Settle, s.chooseSettlement))
	e.POST("/api/v1/terminals/:id/test", s.as(access.Pair, s.testTerminal))
	e.GET("/api/v1/terminals/:id/device", s.as(access.Pair, s.showDevice))
	e.PUT("/api/v1/terminals/:id/device", s.as(access.Pair, s.putDevice))
	e.POST("/api/v1/terminals/:id/bridge-code", s.as(access.Pair, s.newBridgeCode))
	e.DELETE("/api/v1/terminals/:id/bridge", s.as(access.Pair, s.revokeBridge))
}
