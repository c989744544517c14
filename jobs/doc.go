// Package jobs does the work that the database says is due, with asynq.
//
// The database is the truth: a row that still needs something carries due_at.
// The queue only makes it quick. A task holds nothing but the row's id, so a
// task that is lost, doubled or late changes speed and nothing else; the row's
// own claim decides who may act. That is why no task has an asynq TaskID or a
// Unique lock.
//
//   - [Queue] enqueues a step now or at a time.
//   - [Server] runs the handlers, urgent ones (a customer is waiting) first.
//   - [Janitor] looks every two seconds for rows that are overdue and enqueues
//     them again, or runs them itself when Redis cannot be reached.
//   - [Bell] carries "this row changed" to the open screens of every process.
//   - [Embedded] is a Redis inside the process for installations without one.
package jobs
