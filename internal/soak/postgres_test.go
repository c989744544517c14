package soak_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// restartPostgres ends the database server as a power cut would, and starts it
// again. The server must be on this machine and ours alone.
func (s *soak) restartPostgres() {
	var dir string
	if err := s.db.Raw("SHOW data_directory").Scan(&dir).Error; err != nil {
		s.breach("where is PostgreSQL: %v", err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if out, err := pgCtl(ctx, dir); err != nil {
		s.breach("restart PostgreSQL: %v: %s", err, out)
		return
	}
	s.add("postgres restarted")
	within(patience, func() bool { return s.db.Ping(ctx) == nil })
}

// pgCtl finds the server's own program by its process, and becomes its user
// when we are root, because it refuses to be run as root.
func pgCtl(ctx context.Context, dir string) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		return nil, err
	}
	pid, _, _ := strings.Cut(string(raw), "\n")
	server, err := os.Readlink(fmt.Sprintf("/proc/%s/exe", pid))
	if err != nil {
		return nil, err
	}
	args := []string{
		filepath.Join(filepath.Dir(server), "pg_ctl"), "-D", dir, "-m", "immediate", "-w", "-t", "30",
		"-l", filepath.Join(filepath.Dir(dir), "pg.log"), "restart",
	}
	if os.Geteuid() == 0 {
		args = append([]string{"runuser", "-u", "postgres", "--"}, args...)
	}
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Dir = filepath.Dir(dir)
	return c.CombinedOutput()
}
