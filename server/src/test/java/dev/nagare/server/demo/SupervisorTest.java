package dev.nagare.server.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;

  private final Recorder seen = new Recorder();
  private @Nullable Supervisor supervisor;

  private static final class Recorder implements Supervisor.Listener {
    final List<Long> pids = new CopyOnWriteArrayList<>();
    final List<String> lines = new CopyOnWriteArrayList<>();
    final List<String> restarts = new CopyOnWriteArrayList<>();
    final List<String> ends = new CopyOnWriteArrayList<>();

    @Override
    public void started(String name, long pid) {
      pids.add(pid);
    }

    @Override
    public void line(String name, String line) {
      lines.add(line);
    }

    @Override
    public void restarting(String name, String why, Duration pause) {
      restarts.add(why);
    }

    @Override
    public void gaveUp(String name, int exitCode, String why) {
      ends.add(exitCode + " " + why);
    }
  }

  private Supervisor start(String script) {
    var spec =
        new ChildSpec(
            "child",
            List.of("/bin/sh", "-c", script),
            Map.of(),
            folder,
            folder.resolve("child.log"));
    var started = new Supervisor(spec, seen);
    supervisor = started;
    started.start();
    return started;
  }

  @AfterEach
  void leaveNothing() throws InterruptedException {
    if (supervisor != null) {
      supervisor.stop(Duration.ofMillis(500));
    }
    for (long pid : seen.pids) {
      await().until(() -> !isAlive(pid));
    }
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  @Test
  void aKilledChildIsStartedAgain() {
    start("echo up; exec sleep 100");
    await().until(() -> seen.lines.size() == 1);
    ProcessHandle.of(seen.pids.getFirst()).orElseThrow().destroyForcibly();
    await().until(() -> seen.lines.size() == 2);
    assertThat(seen.pids).hasSize(2);
    assertThat(seen.restarts).containsExactly("was killed (SIGKILL)");
  }

  @Test
  void aChildThatWorkedIsStartedAgainAfterAFailure() {
    Supervisor child = start("[ -f again ] && exec sleep 100; touch again; read line; exit 1");
    child.works();
    await().until(() -> seen.pids.size() == 1);
    ProcessHandle.of(seen.pids.getFirst()).orElseThrow().destroy();
    await().until(() -> seen.pids.size() == 2);
    assertThat(seen.ends).isEmpty();
  }

  @Test
  void aWrongConfigurationIsNotTriedAgainAndItsLastLineIsSaid() {
    start("echo 'nagare: port 8000 is taken' >&2; exit 2").works();
    await().until(() -> seen.ends.size() == 1);
    assertThat(seen.ends.getFirst())
        .isEqualTo("2 ended with exit code 2: nagare: port 8000 is taken");
    assertThat(seen.pids).hasSize(1);
  }

  @Test
  void aChildThatNeverWorkedIsNotTriedAgain() {
    start("echo no; exit 1");
    await().until(() -> seen.ends.size() == 1);
    assertThat(seen.restarts).isEmpty();
  }

  @Test
  void whatDoesNotStopInTimeIsKilled() throws InterruptedException {
    Supervisor child = start("trap '' TERM; echo up; while :; do sleep 0.05; done");
    await().until(() -> seen.lines.contains("up"));
    assertThat(child.stop(Duration.ofMillis(100))).isFalse();
    assertThat(isAlive(seen.pids.getFirst())).isFalse();
    assertThat(seen.restarts).isEmpty();
  }

  @Test
  void whatIsAskedToStopMayFinish() throws InterruptedException {
    Supervisor child = start("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done");
    await().until(() -> seen.lines.contains("up"));
    assertThat(child.stop(PATIENCE)).isTrue();
    await().until(() -> seen.lines.contains("bye"));
  }

  @Test
  void ctrlCOfTheTerminalDoesNotReachAChild() throws IOException, InterruptedException {
    start("echo up; sleep 0.3; echo still here; exec sleep 100");
    await().until(() -> seen.lines.contains("up"));
    new ProcessBuilder("kill", "-INT", seen.pids.getFirst().toString()).start().waitFor();
    await().until(() -> seen.lines.contains("still here"));
  }

  @Test
  void outputGoesToTheLog() throws IOException {
    start("echo out; echo err >&2; exit 2");
    await().until(() -> seen.ends.size() == 1);
    assertThat(Files.readAllLines(folder.resolve("child.log"))).containsExactly("out", "err");
  }

  @Test
  void aProgramThatIsNotThereIsSaid() {
    var spec =
        new ChildSpec(
            "child", List.of("/no/such/program"), Map.of(), folder, folder.resolve("log"));
    var absent = new Supervisor(spec, seen);
    absent.start();
    await().until(() -> seen.ends.size() == 1);
    assertThat(seen.ends.getFirst()).contains("/no/such/program");
  }
}
