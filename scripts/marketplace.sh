#!/usr/bin/env bash
# Photographs the screens for the card in Bitrix24's Market into docs/marketplace: 1280 x 720, in the whole portal, with
# the demo's data. The journey that takes them is an ordinary test, so that a picture never shows what does not work.
set -euo pipefail
cd "$(dirname "$0")/.."

export TEST_CHROMIUM="${TEST_CHROMIUM:-$(command -v chromium || command -v google-chrome)}"
export TEST_REQUIRE=1 SCREENS_CARD=1
SCREENS_DIR="$(mktemp -d)"
export SCREENS_DIR
trap 'rm -rf "$SCREENS_DIR"' EXIT

make bundle
go test ./internal/journey -count=1 -run 'TestAtHomeInDealInvoiceOrderAndListMenu|TestTheWizardGoesOnAfterAStepThatFailed'

mkdir -p docs/marketplace
take() { cp "$SCREENS_DIR/$1.png" "docs/marketplace/$2.png"; }
home=TestAtHomeInDealInvoiceOrderAndListMenu
take "$home-administrator-deal" 1-deal
take "$home-cashier-order" 2-order
take "$home-cashier-order-paid" 3-paid
take "$home-administrator-order-card" 4-order-card
take "$home-list-menu-refund" 5-refund-from-the-list
take TestTheWizardGoesOnAfterAStepThatFailed-settings 6-settings
ls -1 docs/marketplace
