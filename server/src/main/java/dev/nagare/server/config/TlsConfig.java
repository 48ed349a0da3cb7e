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

  private static final Key CERTIFICATE =
      Key.of("certificate", "the server's certificate, then those that lead to its root")
          .within("a PEM file");
  private static final Key KEY =
      Key.of("key", "its private key, PKCS#8 and not encrypted").within("a PEM file");
  private static final Key CLIENT_CA =
      Key.of("client-ca", "only callers with a certificate of these roots are let in")
          .within("a PEM file");

  /** The files. */
  public List<Path> files() {
    return clientCa == null ? List.of(certificate, key) : List.of(certificate, key, clientCa);
  }

  static @Nullable TlsConfig read(Section in) {
    String certificate = in.text(CERTIFICATE, "");
    String key = in.text(KEY, "");
    String clientCa = in.text(CLIENT_CA, "");
    in.end();
    requireFile(in, CERTIFICATE, certificate);
    requireFile(in, KEY, key);
    requireFile(in, CLIENT_CA, clientCa);
    if (certificate.isEmpty() != key.isEmpty() || (certificate.isEmpty() && !clientCa.isEmpty())) {
      in.fault(
          certificate.isEmpty() ? CERTIFICATE : KEY,
          "expected certificate and key, both PEM files, got only some of them");
    }
    return certificate.isEmpty() || key.isEmpty()
        ? null
        : new TlsConfig(
            Path.of(certificate), Path.of(key), clientCa.isEmpty() ? null : Path.of(clientCa));
  }

  private static void requireFile(Section in, Key setting, String path) {
    if (!path.isEmpty() && !Files.isReadable(Path.of(path))) {
      in.fault(setting, "expected a file that can be read, got '" + path + "'");
    }
  }
}
