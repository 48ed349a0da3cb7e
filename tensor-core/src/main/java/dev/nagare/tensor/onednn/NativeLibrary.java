package dev.nagare.tensor.onednn;

import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds, unpacks, checks and opens oneDNN and the OpenMP library that it needs.
 *
 * @param oneDnn its symbols
 * @param openMp its symbols
 */
@SuppressWarnings("restricted")
record NativeLibrary(SymbolLookup oneDnn, SymbolLookup openMp) {
  /** What {@code org.bytedeco:dnnl:3.13-1.5.14} holds; a new version of the jar needs new ones. */
  private static final Map<String, String> SHA256 =
      Map.of(
          "linux-x86_64/libdnnl.so.3",
          "3610657c35381b06694034b677cf73f28086495aba51ecf0cfb5b6511652a443",
          "linux-x86_64/libgomp.so.1",
          "d46f9225c1883039e8a6853e6d96ca1af11d034ce186a090952e4a7c8a7c2fdc",
          "linux-arm64/libdnnl.so.3",
          "b7d1b3fb1ce5e547c2d4dac7b3a0019976ab65427e880b2d4e666230e6b4d6b2",
          "linux-arm64/libgomp.so.1",
          "3d8a29f52ccdf3ba0ab2428d721963fb9c9259d7682b8e2a2127dd6f119a29b1");

  private static volatile @Nullable NativeLibrary opened;

  /** The library, which {@link #open()} has opened before. */
  static NativeLibrary opened() {
    NativeLibrary library = opened;
    if (library == null) {
      throw new IllegalStateException("onednn: not opened yet");
    }
    return library;
  }

  /**
   * Opens the library for the process.
   *
   * @throws TensorException kind NATIVE; one sentence with the remedy
   */
  static NativeLibrary open() {
    String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"));
    Path folder =
        folder(
            System.getProperty("nagare.native.dir"),
            System.getenv("NAGARE_NATIVE_DIR"),
            System.getenv("XDG_CACHE_HOME"),
            System.getProperty("user.home"));
    NativeLibrary library =
        open(folder, file(platform, "libgomp.so.1"), file(platform, "libdnnl.so.3"));
    opened = library;
    return library;
  }

  static NativeLibrary open(Path folder, NativeFile openMp, NativeFile oneDnn) {
    Path own = folder.resolve(oneDnn.sha256().substring(0, 16));
    Path openMpPath = unpack(own, openMp);
    Path oneDnnPath = unpack(own, oneDnn);
    oneOpenMpThread();
    SymbolLookup openMpSymbols = lookup(openMpPath); // first: the other one needs it
    return new NativeLibrary(lookup(oneDnnPath), openMpSymbols);
  }

  static NativeFile file(String platform, String name) {
    String sha256 = SHA256.get(platform + "/" + name);
    if (sha256 == null) {
      throw unavailable("no SHA-256 known for " + name + " of " + platform, null);
    }
    return new NativeFile(name, "/org/bytedeco/dnnl/" + platform + "/" + name, sha256);
  }

  /** The name that the jar uses. */
  static String platform(String os, String architecture) {
    if (os.equals("Linux") && architecture.equals("amd64")) {
      return "linux-x86_64";
    }
    if (os.equals("Linux") && architecture.equals("aarch64")) {
      return "linux-arm64";
    }
    throw unavailable(
        "there is no library for "
            + os
            + " on "
            + architecture
            + ", only for Linux on x86-64 and arm64; use the vector kernels",
        null);
  }

  static Path folder(
      @Nullable String property,
      @Nullable String variable,
      @Nullable String cacheHome,
      String userHome) {
    if (property != null && !property.isBlank()) {
      return Path.of(property);
    }
    if (variable != null && !variable.isBlank()) {
      return Path.of(variable);
    }
    Path cache =
        cacheHome != null && !cacheHome.isBlank()
            ? Path.of(cacheHome)
            : Path.of(userHome, ".cache");
    return cache.resolve("nagare").resolve("native");
  }

  private static Path unpack(Path folder, NativeFile file) {
    try {
      createOwn(folder);
      return file.unpack(folder);
    } catch (NativeFile.DamagedException e) {
      throw unavailable(
          e.getMessage()
              + "; put org.bytedeco:dnnl 3.13-1.5.14 for this platform on the class path",
          e);
    } catch (IOException e) {
      throw unavailable(
          "cannot unpack "
              + file.name()
              + " into "
              + folder
              + " ("
              + e
              + "); make room (100 MB) and leave to write there, or name another folder in"
              + " NAGARE_NATIVE_DIR",
          e);
    }
  }

  /** Creates the folder for its owner alone: who can write there can run code in this process. */
  private static void createOwn(Path folder) throws IOException {
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Set<PosixFilePermission> own = PosixFilePermissions.fromString("rwx------");
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(own));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
      Set<PosixFilePermission> found = Files.getPosixFilePermissions(folder);
      if (found.contains(PosixFilePermission.GROUP_WRITE)
          || found.contains(PosixFilePermission.OTHERS_WRITE)) {
        throw new IOException("others may write there, chmod go-w it", e);
      }
    }
  }

  static SymbolLookup lookup(Path path) {
    try {
      return SymbolLookup.libraryLookup(path, Arena.global());
    } catch (IllegalArgumentException e) {
      throw unavailable(
          "cannot open "
              + path
              + "; if its file system is mounted noexec name another folder in NAGARE_NATIVE_DIR,"
              + " if the system has no libstdc++ install it (apt-get install libstdc++6)",
          e);
    }
  }

  /** OpenMP reads the variable once, when it is loaded; Java cannot set one. */
  private static void oneOpenMpThread() {
    Linker linker = Linker.nativeLinker();
    try (Arena arena = Arena.ofConfined()) {
      int status =
          (int)
              linker
                  .downcallHandle(
                      linker.defaultLookup().findOrThrow("setenv"),
                      FunctionDescriptor.of(
                          ValueLayout.JAVA_INT,
                          ValueLayout.ADDRESS,
                          ValueLayout.ADDRESS,
                          ValueLayout.JAVA_INT))
                  .invokeExact(arena.allocateFrom("OMP_NUM_THREADS"), arena.allocateFrom("1"), 1);
      if (status != 0) {
        throw unavailable("setenv OMP_NUM_THREADS=1 answered " + status, null);
      }
    } catch (TensorException e) {
      throw e;
    } catch (Throwable e) {
      throw unavailable("setenv OMP_NUM_THREADS=1 failed: " + e, e);
    }
  }

  static TensorException unavailable(String why, @Nullable Throwable cause) {
    String message = "kernels onednn: " + why;
    return cause == null
        ? new TensorException(TensorException.Kind.NATIVE, message)
        : new TensorException(TensorException.Kind.NATIVE, message, cause);
  }
}
