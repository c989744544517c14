package sim

import (
	"time"
)

// talk is the conversation of one request: with the customer at the terminal, with the POS through displays and keys,
// and with the bank. It runs in one goroutine from acceptance to the result.
type talk struct {
	s        *Sim
	t        *Terminal
	ses      *session
	receipts []receiptBody
}

// run leads the conversation and hands over the result. The courier's queue is closed when it is over.
func (k *talk) run(busy bool) {
	defer close(k.ses.queue)
	if k.ses.kind == "transaction" {
		k.transaction(busy)
		return
	}
	k.job(busy)
}

// tell queues an event for the POS. The queue is larger than the longest conversation, so this does not wait.
func (k *talk) tell(kind string, body any) {
	select {
	case k.ses.queue <- event{k.ses.req.session, kind, body}:
	case <-k.s.ctx.Done():
	}
}

// finish makes the result stand, frees the terminal, and only then tells the POS: whoever asks because of the callback finds it.
func (k *talk) finish(body any) {
	// The result, the free terminal and the change on the page become visible together.
	e := event{k.ses.req.session, k.ses.kind, body}
	if k.s.ctx.Err() != nil {
		return // closed in the middle: there is no result
	}
	k.s.mu.Lock()
	k.ses.result = &e
	k.ses.forgotten = k.ses.kind == "transaction" && k.s.hit(k.ses.req.session, ResultForgotten)
	if k.t.running == k.ses {
		k.t.running, k.t.prompt = nil, nil
	}
	k.s.touchLocked()
	k.s.mu.Unlock()
	close(k.ses.done)

	// A synchronous POS gets its displays as callbacks, and the result as the answer of its POST.
	if k.ses.req.async {
		k.tell(k.ses.kind, body)
	}
}

// display is a screen in the making.
func display(graphic, line1, line2 string) Display {
	return Display{Lines: []string{wide(line1), wide(line2)}, Input: "0", Graphic: graphic}
}

// show puts a display on the terminal and tells the POS. It returns the prompt when somebody has to act.
func (k *talk) show(d Display) *prompt {
	// A new display replaces the old one completely, with its keys and with what has been typed (reference linkly
	// 7).
	d.Session = k.ses.req.session
	k.s.mu.Lock()
	k.t.screen, k.t.prompt, k.t.typed = d, nil, ""
	var p *prompt
	if d.Wants != "" {
		p = newPrompt(d)
		k.t.prompt = p
		if !k.t.online {
			p.answerLocked(Press{Key: keyUnplugged})
		}
	}
	k.s.touchLocked()
	k.s.mu.Unlock()

	k.tell("display", displayBody{
		NumberOfLines: len(d.Lines), LineLength: 20, DisplayText: d.Lines, CancelKeyFlag: d.Cancel, OKKeyFlag: d.OK,
		AcceptYesKeyFlag: d.Yes, DeclineNoKeyFlag: d.No, AuthoriseKeyFlag: d.Auth, InputType: d.Input, GraphicCode: d.Graphic,
		PurchaseAnalysisData: map[string]string{},
	})
	return p
}

// inform shows a display that needs nobody, for a while.
func (k *talk) inform(d Display, while time.Duration) {
	k.show(d)
	k.s.pause(while)
}

// ask shows a display and waits for the customer, the POS, the virtual customer, or the end of patience.
func (k *talk) ask(d Display, patience time.Duration) Press {
	p := k.show(d)
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		// Whoever acts, the answer comes through the prompt, which takes only one.
		act, recheck, stop := k.virtual(p)
		select {
		case pr := <-p.answer:
			stop()
			return pr
		case pr := <-act:
			k.s.mu.Lock()
			p.answerLocked(pr)
			k.s.mu.Unlock()
		case <-recheck:
		// Patience may end in the moment of a press; the prompt decides which came first, and the next round reads it.
		case <-limit.C:
			k.s.mu.Lock()
			p.answerLocked(Press{Key: keyTimeout})
			k.s.mu.Unlock()
		case <-k.s.ctx.Done():
			stop()
			return Press{Key: keyClosed}
		}
		stop()
	}
}

// virtual asks the virtual customer, if there is one, what it does about p. The channel delivers its act after its delay.
func (k *talk) virtual(p *prompt) (act <-chan Press, recheck <-chan struct{}, stop func()) {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	stop = func() {}
	pr, ok := k.t.auto.act(p.display)
	if !ok || p.answered {
		return nil, p.recheck, stop
	}
	ch := make(chan Press, 1)
	timer := time.AfterFunc(k.t.auto.Delay, func() { ch <- pr })
	return ch, p.recheck, func() { timer.Stop() }
}

// print adds a receipt and sends it to the POS.
func (k *talk) print(kind string, lines []string, prePrint bool) {
	k.tell("receipt", receiptBody{Type: kind, ReceiptText: lines, IsPrePrint: prePrint})
	k.receipts = append(k.receipts, receiptBody{Type: kind, ReceiptText: lines, IsPrePrint: prePrint, ResponseType: "receipt"})
}
