// Package sim is a merchant's Kayaaku device and Finexus' host in memory: a
// serial face on a pseudo-terminal, the `thirdparty` HTTPS face, and one truth
// about money behind both. No money moves. It shares no code with the client,
// so that the two cannot agree on a mistake; its frame is fixed by byte vectors
// in its own tests.
//
//	s, err := sim.New(sim.Config{Auto: true, Now: clock})
//	port, err := s.OpenCable(dir)     // a path for the till's bridge (Linux)
//	http.Serve(listener, s.Handler()) // the host, the device's page, /control
//	s.Device.Script(sim.LostReply)    // what happens to the next payment
//	…
//	s.Approvals()                     // the truth about money
//	s.Close()
//
// # What it can prove, and what not
//
// The field set is Finexus'. Everything below the fields on the cable (port,
// frame, check byte) is the product's own assumption, so a till that works with
// this simulator has shown its own robustness, not that it would work with a
// real device.
//
// # How a payment goes
//
// The device shows the amount; somebody taps, swipes, inserts or scans (by
// themselves with Auto, else on the page); the host books the money; the device
// shows a receipt, and only when NEXT is pressed does the answer leave. A TxnID
// is good for one payment (78 after that), and the device does one thing at a
// time (77). [Scenarios] names what can go wrong.
package sim
