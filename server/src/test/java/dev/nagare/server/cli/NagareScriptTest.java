package dev.nagare.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code nagare}, with a JDK and a Maven that only say how they were called. */
class NagareScriptTest {
  @TempDir Path temp;

  private Path home = Path.of("");
  private Path jdk = Path.of("");
  private final TreeMap<String, String> environment = new TreeMap<>();

  private record Result(int exitCode, String out, String err) {}

  @BeforeEach
  void aProject() throws IOException {
    home = Files.createDirectories(temp.resolve("a project"));
    Files.copy(Path.of("..", "nagare"), home.resolve("nagare"));
    executable(home.resolve("nagare"));
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    for (String module :
        List.of("tensor-core", "models", "streaming", "streaming/broker", "server", "loadtest")) {
      Files.createDirectories(home.resolve(module).resolve("src/main"));
      Files.writeString(home.resolve(module).resolve("pom.xml"), "<project/>");
    }
    jdk = jdk("jdks/temurin 25", "25.0.3");
    Path bin = Files.createDirectories(temp.resolve("bin"));
    script(
        bin.resolve("mvn"),
        """
        echo "mvn $*" >>"$HOME/calls"
        echo "JAVA_HOME=$JAVA_HOME" >>"$HOME/calls"
        echo '[INFO] Building Nagare tensor-core 0.1.0-SNAPSHOT                  [1/5]'
        [ ! -e "$HOME/broken" ] || { echo '[ERROR] does not compile'; exit 1; }
        [ ! -e "$HOME/slow" ] || sleep 1
        mkdir -p streaming/broker/target/lib server/target/lib
        case "$*" in *loadtest*) mkdir -p loadtest/target/lib ;; esac
        """);
    environment.put("PATH", bin + ":/usr/bin:/bin");
    environment.put("HOME", temp.toString());
    environment.put("NAGARE_JDK_DIRS", temp.resolve("jdks").toString());
  }

  private Path jdk(String folder, String version) throws IOException {
    Path path = temp.resolve(folder);
    Files.createDirectories(path.resolve("bin"));
    Files.writeString(
        path.resolve("release"),
        "IMPLEMENTOR=\"x\"\nJAVA_RUNTIME_VERSION=\"%1$s+9\"\nJAVA_VERSION=\"%1$s\"\n"
            .formatted(version));
    script(path.resolve("bin/java"), "echo \"java $0\"; for a in \"$@\"; do echo \"<$a>\"; done\n");
    script(path.resolve("bin/javac"), "exit 0\n");
    return path;
  }

  private static void script(Path file, String text) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + text);
    executable(file);
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Result run(Path script, String... args) throws IOException, InterruptedException {
    Path err = temp.resolve("stderr");
    Process process = start(script, err, args);
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Result(process.waitFor(), out, Files.readString(err));
  }

  private Process start(Path script, Path err, String... args) throws IOException {
    var command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(args));
    var builder = new ProcessBuilder(command).directory(temp.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.redirectError(err.toFile()).start();
  }

  private Result nagare(String... args) throws IOException, InterruptedException {
    return run(home.resolve("nagare"), args);
  }

  private long builds() throws IOException {
    Path calls = temp.resolve("calls");
    return Files.exists(calls)
        ? Files.readAllLines(calls).stream().filter(line -> line.startsWith("mvn")).count()
        : 0;
  }

  @Test
  void buildsOnceAndBecomesTheJvm() throws Exception {
    Result first = nagare("demo", "--port", "81 00");
    assertThat(first.exitCode()).isZero();
    assertThat(first.err()).contains("building [1/5] Nagare tensor-core").contains("built in");
    assertThat(first.out())
        .contains("java " + jdk.resolve("bin/java"))
        .contains("<@" + home + "/server/src/main/jvm/tool.args>")
        .contains("<" + home + "/server/target/lib/*>")
        .contains("<-Dnagare.home=" + home + ">")
        .endsWith("<dev.nagare.server.cli.Nagare>\n<demo>\n<--port>\n<81 00>\n");
    assertThat(Files.readString(temp.resolve("calls")))
        .contains("-pl streaming/broker,server -am package")
        .contains("-Dmaven.test.skip=true")
        .contains("JAVA_HOME=" + jdk);

    // This java writes no cache of classes: said once, and not tried at every start.
    assertThat(first.err()).contains("rehearsing a start").contains("wrote no cache of classes");
    assertThat(home.resolve("server/target/rehearsal.log"))
        .content()
        .contains("<demo>\n<--rehearse>\n<--fresh>\n<--data>\n");

    Result second = nagare("demo");
    assertThat(second.err()).isEmpty();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void twoAtOnceBuildOnce() throws Exception {
    Files.writeString(temp.resolve("slow"), "");
    Process other = start(home.resolve("nagare"), temp.resolve("other"), "demo");
    await().until(() -> builds() == 1);
    Result second = nagare("doctor");
    assertThat(second.exitCode()).isZero();
    assertThat(second.err()).contains("waiting for another build");
    assertThat(other.waitFor()).isZero();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void aBuildThatIsStoppedLeavesNoMaven() throws Exception {
    script(temp.resolve("bin/mvn"), "echo $$ >\"$HOME/pid\"\nexec sleep 100\n");
    Process script = start(home.resolve("nagare"), temp.resolve("stopped"), "demo");
    Path pid = temp.resolve("pid");
    await().until(() -> Files.exists(pid) && Files.size(pid) > 0);
    script.toHandle().destroy();
    assertThat(script.waitFor()).isEqualTo(128 + 15);
    long maven = Long.parseLong(Files.readString(pid).strip());
    await().until(() -> ProcessHandle.of(maven).filter(ProcessHandle::isAlive).isEmpty());
  }

  @Test
  void buildsAgainWhenASourceIsNewOrGone() throws Exception {
    Path source = Files.writeString(home.resolve("models/src/main/A.java"), "class A {}");
    nagare("doctor");
    Path built = home.resolve("server/target/.nagare-built");
    Files.setLastModifiedTime(built, FileTime.from(Instant.now().plusSeconds(10)));
    nagare("doctor");
    assertThat(builds()).isEqualTo(1);

    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(20)));
    nagare("doctor");
    assertThat(builds()).isEqualTo(2);

    // A folder remembers that a file was taken out of it.
    Files.setLastModifiedTime(source.getParent(), FileTime.from(Instant.now().plusSeconds(30)));
    Files.setLastModifiedTime(built, FileTime.from(Instant.now().plusSeconds(10)));
    nagare("doctor");
    assertThat(builds()).isEqualTo(3);
  }

  @Test
  void eachCommandGetsItsFlagsAndItsClassPath() throws Exception {
    assertThat(nagare("serve", "--config", "x").out())
        .contains("jvm/serve.args>")
        .contains("/server/target/lib/*>");
    assertThat(nagare("replay", "rows.csv").out())
        .contains("jvm/work.args>")
        .contains("/server/target/lib/*>");
    assertThat(nagare("--debug", "bench", "train").out())
        .contains("jvm/work.args>")
        .contains("/loadtest/target/lib/*>");
    assertThat(nagare("help", "load").out()).contains("/loadtest/target/lib/*>");
    assertThat(Files.readString(temp.resolve("calls")))
        .contains("-pl streaming/broker,server,loadtest");
  }

  @Test
  void aServerStartsWithTheFlagsThatARehearsalOnThisJdkWrote() throws Exception {
    nagare("serve", "--config", "x");
    Path linked = home.resolve("server/target/serve-25.0.3+9.args");
    assertThat(linked).isEmptyFile();
    assertThat(nagare("serve", "--config", "x").out()).contains("src/main/jvm/serve.args>");

    Files.writeString(linked, "-XX:AOTCache=classes");
    assertThat(nagare("serve", "--config", "x").out()).contains("<@" + linked + ">");
    assertThat(nagare("doctor").out()).doesNotContain(linked.toString());

    environment.put("JAVA_HOME", jdk("newer", "25.0.4").toString());
    Result other = nagare("serve", "--config", "x");
    assertThat(other.err()).contains("rehearsing a start");
    assertThat(other.out()).contains("src/main/jvm/serve.args>");
  }

  @Test
  void aFailedBuildShowsTheErrorAndTheLog() throws Exception {
    Files.writeString(temp.resolve("broken"), "");
    Result result = nagare("demo");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err())
        .contains("[ERROR] does not compile")
        .contains(home.resolve("server/target/build.log").toString());
    assertThat(result.out()).isEmpty();
  }

  @Test
  void takesTheJdkOfJavaHomeOnlyIfItIsA25() throws Exception {
    Path mine = jdk("mine", "25");
    environment.put("JAVA_HOME", mine.toString());
    assertThat(nagare("doctor").out()).contains("java " + mine.resolve("bin/java"));

    environment.put("JAVA_HOME", jdk("old", "17.0.1").toString());
    assertThat(nagare("doctor").out()).contains("java " + jdk.resolve("bin/java"));

    environment.put("JAVA_HOME", jdk("late", "250.1").toString());
    assertThat(nagare("doctor").out()).contains("java " + jdk.resolve("bin/java"));
  }

  @Test
  void takesTheJavaOfThePathThroughItsLinks() throws Exception {
    Path onPath = jdk("on path", "25.0.1");
    Files.createSymbolicLink(temp.resolve("bin/java"), onPath.resolve("bin/java"));
    assertThat(nagare("doctor").out()).contains("java " + onPath.resolve("bin/java"));
  }

  @Test
  void worksThroughSymbolicLinks() throws Exception {
    Path link = temp.resolve("bin/nagare");
    Files.createSymbolicLink(temp.resolve("second"), home.resolve("nagare"));
    Files.createSymbolicLink(link, Path.of("../second"));
    assertThat(run(link, "doctor").out()).contains("<-Dnagare.home=" + home + ">");
  }

  @Test
  void saysInOneLineThatThereIsNoJdk25() throws Exception {
    environment.put("NAGARE_JDK_DIRS", temp.resolve("none").toString());
    Result result = nagare("demo");
    assertThat(result.exitCode()).isEqualTo(ExitCode.MISSING);
    assertThat(result.err().lines())
        .singleElement()
        .asString()
        .contains("JDK 25")
        .contains("adoptium");
  }

  @Test
  void saysInOneLineThatThereIsNoMaven() throws Exception {
    Files.delete(temp.resolve("bin/mvn"));
    Path tools = Files.createDirectories(temp.resolve("tools"));
    for (String tool :
        List.of(
            "basename", "dirname", "readlink", "grep", "find", "head", "mkdir", "date", "touch")) {
      script(tools.resolve(tool), "exec /usr/bin/" + tool + " \"$@\"\n");
    }
    environment.put("PATH", tools.toString());
    Result result = run(Path.of("/bin/sh"), home.resolve("nagare").toString(), "demo");
    assertThat(result.exitCode()).isEqualTo(ExitCode.MISSING);
    assertThat(result.err().lines())
        .singleElement()
        .asString()
        .contains("Maven")
        .contains("install");
  }
}
