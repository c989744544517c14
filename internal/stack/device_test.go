package stack

import (
	"net/http"
	"strings"
	"testing"
	"time"

	kayaakusim "receivepayment/kayaaku/sim"
)

// How a device is set up can be changed while its key stays sealed, and only
// between payments.
func TestADeviceIsSetUpAnew(t *testing.T) {
	t.Parallel()
	k := openKuala(t, Options{})
	counter := k.Kayaaku(k.admin, KayaakuOptions{Name: "Kaunter 1", Sim: kayaakusim.Config{Patience: time.Minute}, Host: true})
	address := "/api/v1/terminals/" + counter.Terminal + "/device"

	answer := k.admin.Do(http.MethodGet, address, nil)
	read := answer.Want(http.StatusOK)
	private, public := KayaakuKeyTexts()
	if body := string(answer.Body); strings.Contains(body, "PRIVATE KEY") || strings.Contains(body, private[40:80]) {
		t.Error("the merchant's key is in the answer")
	}
	if read["hasPrivateKey"] != true || read.Text("mid") != kayaakusim.DemoMID || read.Text("transport") != "usb-bridge" {
		t.Errorf("the device reads %v", read)
	}

	change := func(over Object) Object {
		in := Object{
			"transport": "usb-bridge", "baseUrl": counter.URL + "/thirdparty", "sourceSystem": kayaakusim.DemoSourceSystem,
			"email": kayaakusim.DemoEmail, "mid": kayaakusim.DemoMID, "deviceSn": kayaakusim.DemoSerial, "hostKey": public, "enquireAfter": 3,
		}
		for name, value := range over {
			in[name] = value
		}
		return in
	}
	k.admin.Do(http.MethodPut, address, change(Object{"baseUrl": "nowhere"})).refused(http.StatusUnprocessableEntity, "invalid", "baseUrl")
	k.admin.Do(http.MethodPut, address, change(Object{"voidUntil": "late"})).refused(http.StatusUnprocessableEntity, "invalid", "voidUntil")

	now := k.admin.Do(http.MethodPut, address, change(Object{"noQr": true})).Want(http.StatusOK)
	if now["hasPrivateKey"] != true || now["noQr"] != true || now.Text("voidUntil") != "22:00" {
		t.Errorf("the changed device reads %v", now)
	}
	k.Await("it is proven anew, with the key that it had", func() bool { return counter.status(k.admin) == "ready" })
	k.order(counter, k.owed("10.00"), "10.00", "duitnow").refused(http.StatusUnprocessableEntity, "invalid", "method")

	id := k.send(counter, "10.00", "card")
	k.Await("the device shows it", func() bool { return counter.Sim.Device.Screen().Step != "idle" })
	k.admin.Do(http.MethodPut, address, change(nil)).refused(http.StatusConflict, "terminal_busy", "")
	for _, what := range []string{"tap", "next"} {
		k.Await("the customer can "+what, func() bool { return counter.Sim.Device.Act(what) })
	}
	k.AwaitPayment(k.admin, id, "approved")
}
