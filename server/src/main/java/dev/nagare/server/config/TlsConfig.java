package dev.nagare.server.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TLS of all listeners. The files are read again when they change.
 *
 * @param certificate PEM, the server's certificate first, then those that lead to its root
 * @param key PEM, its private key, PKCS#8 and not encrypted
 * @param clientCa PEM, roots of the certificates that callers must show; null if they need none
 */
public record TlsConfig(Path certificate, Path key, @Nullable Path clientCa) {

  /** The files. */
  public List<Path> files() {
    return clientCa == null ? List.of(certificate, key) : List.of(certificate, key, clientCa);
  }

  static @Nullable TlsConfig read(Section in) {
    String certificate = in.text("certificate", "");
    String key = in.text("key", "");
    String clientCa = in.text("client-ca", "");
    in.end();
    requireFile(in, "certificate", certificate);
    requireFile(in, "key", key);
    requireFile(in, "client-ca", clientCa);
    if (certificate.isEmpty() != key.isEmpty() || (certificate.isEmpty() && !clientCa.isEmpty())) {
      in.fault(
          certificate.isEmpty() ? "certificate" : "key",
          "expected certificate and key, both PEM files, got only some of them");
    }
    return certificate.isEmpty() || key.isEmpty()
        ? null
        : new TlsConfig(
            Path.of(certificate), Path.of(key), clientCa.isEmpty() ? null : Path.of(clientCa));
  }

  private static void requireFile(Section in, String setting, String path) {
    if (!path.isEmpty() && !Files.isReadable(Path.of(path))) {
      in.fault(setting, "expected a file that can be read, got '" + path + "'");
    }
  }
}
