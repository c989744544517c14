// Package gatewaytest says what every provider of terminals must come to,
// whatever its wire looks like: one table of situations and the outcomes that
// are allowed in each. A provider's test arranges the situation at its own
// simulator, takes a payment through the whole product, and hands in what it
// saw; or it declares the situation impossible and says why. A new provider is
// done when its column has no gap.
package gatewaytest
