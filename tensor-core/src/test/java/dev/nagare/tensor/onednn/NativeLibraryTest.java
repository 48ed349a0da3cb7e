package dev.nagare.tensor.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
  private static final String PLATFORM =
      NativeLibrary.platform(System.getProperty("os.name"), System.getProperty("os.arch"));
  private static final NativeFile OPEN_MP = NativeLibrary.file(PLATFORM, "libgomp.so.1");
  private static final NativeFile ONE_DNN = NativeLibrary.file(PLATFORM, "libdnnl.so.3");

  @TempDir Path folder;

  @Test
  void unpacksIntoAFolderOfTheUsersOwnNamedByDigest() throws Exception {
    NativeLibrary library = NativeLibrary.open(folder, OPEN_MP, ONE_DNN);
    assertThat(library.oneDnn().find("dnnl_version")).isPresent();
    Path own = folder.resolve(ONE_DNN.sha256().substring(0, 16));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
        .isEqualTo("rwx------");
    assertThat(names(own))
        .containsExactlyInAnyOrder(
            "libdnnl.so.3", "libdnnl.so.3.verified", "libgomp.so.1", "libgomp.so.1.verified");
  }

  @Test
  void anUndamagedFileIsLeftAloneAndADamagedOneRepaired() throws Exception {
    Path file = OPEN_MP.unpack(folder);
    Object inode = Files.getAttribute(file, "unix:ino");
    assertThat(OPEN_MP.unpack(folder)).isEqualTo(file);
    assertThat(Files.getAttribute(file, "unix:ino")).isEqualTo(inode);

    byte[] content = Files.readAllBytes(file);
    byte[] damaged = content.clone();
    damaged[damaged.length / 2] ^= 1;
    Files.write(file, damaged);
    OPEN_MP.unpack(folder);
    assertThat(file).hasBinaryContent(content);

    Files.write(file, new byte[0]);
    OPEN_MP.unpack(folder);
    assertThat(file).hasBinaryContent(content);
    assertThat(names(folder)).containsExactlyInAnyOrder("libgomp.so.1", "libgomp.so.1.verified");
  }

  @Test
  void aVerifiedFileIsReadAgainOnlyOnceItWasTouched() throws Exception {
    Path file = OPEN_MP.unpack(folder);
    byte[] content = Files.readAllBytes(file);
    FileTime verified = Files.getLastModifiedTime(file);
    byte[] other = content.clone();
    other[other.length / 2] ^= 1;
    Files.write(file, other);
    Files.setLastModifiedTime(file, verified);
    OPEN_MP.unpack(folder);
    assertThat(file).as("taken as verified").hasBinaryContent(other);

    Files.setLastModifiedTime(file, FileTime.from(verified.toInstant().plusMillis(1)));
    OPEN_MP.unpack(folder);
    assertThat(file).hasBinaryContent(content);
  }

  @Test
  void manyThatUnpackAtOnceAllFindTheWholeFile() throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      List<Future<Path>> paths = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        paths.add(executor.submit(() -> OPEN_MP.unpack(folder)));
      }
      for (Future<Path> path : paths) {
        assertThat(path.get()).hasDigest("SHA-256", OPEN_MP.sha256());
      }
    }
    assertThat(names(folder)).containsExactlyInAnyOrder("libgomp.so.1", "libgomp.so.1.verified");
  }

  @Test
  void aFolderThatCannotBeMadeIsNamedWithTheRemedy() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> NativeLibrary.open(file, OPEN_MP, ONE_DNN))
        .isInstanceOfSatisfying(
            TensorException.class, e -> assertThat(e.kind()).isEqualTo(TensorException.Kind.NATIVE))
        .hasMessageContaining("cannot unpack libgomp.so.1 into " + file)
        .hasMessageContaining("name another folder in NAGARE_NATIVE_DIR");
  }

  @Test
  void aFolderThatOthersMayWriteIsRefused() throws Exception {
    Path own = Files.createDirectory(folder.resolve(ONE_DNN.sha256().substring(0, 16)));
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> NativeLibrary.open(folder, OPEN_MP, ONE_DNN))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("others may write there, chmod go-w it");
  }

  @Test
  void aJarOfAnotherVersionIsRefusedAndLeavesNothing() throws Exception {
    NativeFile other = new NativeFile(OPEN_MP.name(), OPEN_MP.resource(), ONE_DNN.sha256());
    assertThatThrownBy(() -> NativeLibrary.open(folder, other, ONE_DNN))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("another libgomp.so.1, SHA-256 " + OPEN_MP.sha256())
        .hasMessageContaining("put org.bytedeco:dnnl");
    NativeFile none = new NativeFile("libnone.so", "/no/libnone.so", OPEN_MP.sha256());
    assertThatThrownBy(() -> none.unpack(folder)).hasMessageContaining("has no /no/libnone.so");
    assertThat(names(folder.resolve(ONE_DNN.sha256().substring(0, 16)))).isEmpty();
  }

  @Test
  void whatCannotBeOpenedNamesTheLikelyReasons() throws Exception {
    Path text = Files.writeString(folder.resolve("text.so"), "not a library");
    assertThatThrownBy(() -> NativeLibrary.lookup(text))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("cannot open " + text)
        .hasMessageContaining("noexec")
        .hasMessageContaining("libstdc++");
  }

  @Test
  void platformsWithoutALibraryAreToldWhatToUse() {
    assertThat(NativeLibrary.platform("Linux", "amd64")).isEqualTo("linux-x86_64");
    assertThat(NativeLibrary.platform("Linux", "aarch64")).isEqualTo("linux-arm64");
    assertThatThrownBy(() -> NativeLibrary.platform("Mac OS X", "aarch64"))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("no library for Mac OS X on aarch64")
        .hasMessageContaining("use the vector kernels");
  }

  @Test
  void theFolderComesFromTheFirstThatIsGiven() {
    assertThat(NativeLibrary.folder("/p", "/v", "/c", "/h")).isEqualTo(Path.of("/p"));
    assertThat(NativeLibrary.folder(null, "/v", "/c", "/h")).isEqualTo(Path.of("/v"));
    assertThat(NativeLibrary.folder("", " ", "/c", "/h")).isEqualTo(Path.of("/c/nagare/native"));
    assertThat(NativeLibrary.folder(null, null, null, "/h"))
        .isEqualTo(Path.of("/h/.cache/nagare/native"));
  }

  private static List<String> names(Path in) throws IOException {
    try (Stream<Path> files = Files.list(in)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
