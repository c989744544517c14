package sim

import "maps"

// methods is the portal's method table. Names are matched as documented.
func methods() map[string]method {
	all := crmMethods()
	maps.Copy(all, saleMethods())
	return all
}

// crmMethods are all but the store's.
func crmMethods() map[string]method {
	return map[string]method{
		"batch":       {run: runBatch},
		"profile":     {run: runProfile},
		"scope":       {run: runScope},
		"app.info":    {run: runAppInfo},
		"method.get":  {run: runMethodGet},
		"server.time": {run: runServerTime},
		"user.admin":  {run: runUserAdmin},

		"user.current": {scope: "user_brief", run: runUserCurrent},
		"user.get":     {scope: "user_brief", run: runUserGet},

		"department.get": {scope: "department", run: runDepartmentGet},

		"app.option.get":  {run: runAppOptionGet},
		"app.option.set":  {admin: true, run: runAppOptionSet},
		"user.option.get": {run: runUserOptionGet},
		"user.option.set": {run: runUserOptionSet},

		"events":       {run: runEvents},
		"event.bind":   {run: runEventBind},
		"event.unbind": {run: runEventUnbind},
		"event.get":    {run: runEventGet},
		"event.test":   {run: runEventTest},

		"placement.list":   {scope: "placement", run: runPlacementList},
		"placement.get":    {scope: "placement", run: runPlacementGet},
		"placement.bind":   {scope: "placement", admin: true, run: runPlacementBind},
		"placement.unbind": {scope: "placement", admin: true, run: runPlacementUnbind},

		"crm.item.fields": {scope: "crm", run: runItemFields},
		"crm.item.get":    {scope: "crm", run: runItemGet},
		"crm.item.list":   {scope: "crm", run: runItemList},
		"crm.item.add":    {scope: "crm", run: runItemAdd},
		"crm.item.update": {scope: "crm", run: runItemUpdate},
		"crm.item.delete": {scope: "crm", run: runItemDelete},

		"crm.item.productrow.list":   {scope: "crm", run: runRowList},
		"crm.item.productrow.set":    {scope: "crm", run: runRowSet},
		"crm.item.productrow.add":    {scope: "crm", run: runRowAdd},
		"crm.item.productrow.get":    {scope: "crm", run: runRowGet},
		"crm.item.productrow.delete": {scope: "crm", run: runRowDelete},

		"crm.deal.get":             {scope: "crm", run: runDealGet},
		"crm.deal.list":            {scope: "crm", run: runDealList},
		"crm.deal.update":          {scope: "crm", run: runDealUpdate},
		"crm.deal.productrows.get": {scope: "crm", run: runDealRows},

		"crm.contact.get": {scope: "crm", run: runContactGet},

		"crm.category.list":       {scope: "crm", run: runCategoryList},
		"crm.status.list":         {scope: "crm", run: runStatusList},
		"crm.status.add":          {scope: "crm", run: runStatusAdd},
		"crm.status.entity.types": {scope: "crm", run: runEntityTypes},
		"crm.currency.list":       {scope: "crm", run: runCurrencyList},

		"crm.timeline.logmessage.add":    {scope: "crm", run: runLogAdd},
		"crm.timeline.logmessage.list":   {scope: "crm", run: runLogList},
		"crm.timeline.logmessage.delete": {scope: "crm", run: runLogDelete},
		"crm.timeline.comment.add":       {scope: "crm", run: runCommentAdd},
		"crm.timeline.icon.list":         {scope: "crm", run: runIconList},

		"im.notify.system.add":   {scope: "im", run: runNotifySystem},
		"im.notify.personal.add": {scope: "im", run: runNotifyPersonal},

		"userfieldconfig.list": {scope: "userfieldconfig", run: runUserFieldList},
		"userfieldconfig.add":  {scope: "userfieldconfig", admin: true, run: runUserFieldAdd},
	}
}
