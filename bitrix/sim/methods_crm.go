package sim

import "maps"

// allMethods joins the tables.
func allMethods() map[string]method {
	all := methods()
	maps.Copy(all, activityMethods())
	maps.Copy(all, automationMethods())
	return all
}

// activityMethods are cards in the timeline, to-dos and payment documents.
func activityMethods() map[string]method {
	return map[string]method{
		"crm.activity.list":                {scope: "crm", run: runActivityList},
		"crm.activity.todo.add":            {scope: "crm", run: runTodoAdd},
		"crm.activity.configurable.add":    {scope: "crm", run: runConfigurableAdd},
		"crm.activity.configurable.update": {scope: "crm", run: runConfigurableUpdate},
		"crm.activity.configurable.get":    {scope: "crm", run: runConfigurableGet},

		"crm.item.payment.list":  {scope: "crm", run: runPayDocList},
		"crm.item.payment.pay":   {scope: "crm", run: runPayDocPay},
		"crm.item.payment.unpay": {scope: "crm", run: runPayDocUnpay},
	}
}

// automationMethods are triggers, robots and kinds of items.
func automationMethods() map[string]method {
	return map[string]method{
		"crm.automation.trigger.add":     {scope: "crm", admin: true, run: runTriggerAdd},
		"crm.automation.trigger.list":    {scope: "crm", admin: true, run: runTriggerList},
		"crm.automation.trigger.delete":  {scope: "crm", admin: true, run: runTriggerDelete},
		"crm.automation.trigger.execute": {scope: "crm", admin: true, run: runTriggerExecute},

		"bizproc.robot.add":    {scope: "bizproc", admin: true, run: runRobotAdd},
		"bizproc.robot.list":   {scope: "bizproc", admin: true, run: runRobotList},
		"bizproc.robot.delete": {scope: "bizproc", admin: true, run: runRobotDelete},
		"bizproc.event.send":   {scope: "bizproc", run: runEventSend},

		"crm.type.add":  {scope: "crm", admin: true, run: runTypeAdd},
		"crm.type.list": {scope: "crm", admin: true, run: runTypeList},
	}
}
