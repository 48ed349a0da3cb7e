package dev.nagare.server.security;

import dev.nagare.server.config.TlsConfig;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/** The certificates of the listeners, as they are in their files at this moment. */
public final class Certificates {
  private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");

  /** How a key of each kind signs something. */
  private static final Map<String, String> SIGNATURES =
      Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

  private Certificates() {}

  /**
   * Reads the files, and sees to it that the key is the certificate's: a listener would take
   * another one, and every handshake fail.
   *
   * @throws IOException with the remedy, if one cannot be read or they do not belong together
   */
  public static ServerSSLOptions read(Vertx vertx, TlsConfig config) throws IOException {
    var pair =
        new PemKeyCertOptions()
            .addCertValue(content(config.certificate()))
            .addKeyValue(content(config.key()));
    requirePair(vertx, pair, config);
    var options = new ServerSSLOptions().setKeyCertOptions(pair);
    options.setEnabledSecureTransportProtocols(PROTOCOLS);
    @Nullable Path roots = config.clientCa();
    if (roots != null) {
      options
          .setTrustOptions(new PemTrustOptions().addCertValue(content(roots)))
          .setClientAuth(ClientAuth.REQUIRED);
    }
    return options;
  }

  private static void requirePair(Vertx vertx, PemKeyCertOptions pair, TlsConfig config)
      throws IOException {
    boolean matches;
    try {
      matches = matches(keys(vertx, pair));
    } catch (Exception e) { // Vert.x declares no less
      throw new IOException(
          config.certificate()
              + " and "
              + config.key()
              + ": expected the PEM of a certificate and of its key, "
              + e.getMessage(),
          e);
    }
    if (!matches) {
      throw new IOException(
          config.key()
              + " is not the key of the certificate in "
              + config.certificate()
              + ": expected both of one issue, the server's own certificate first in its file");
    }
  }

  private static X509KeyManager keys(Vertx vertx, PemKeyCertOptions pair) throws Exception {
    for (KeyManager manager : pair.getKeyManagerFactory(vertx).getKeyManagers()) {
      if (manager instanceof X509KeyManager keys) {
        return keys;
      }
    }
    throw new GeneralSecurityException("no key was found");
  }

  /** Whether what the key signs is the certificate's signature. */
  private static boolean matches(X509KeyManager keys) throws GeneralSecurityException {
    byte[] text = "nagare".getBytes(StandardCharsets.US_ASCII);
    for (Map.Entry<String, String> kind : SIGNATURES.entrySet()) {
      String[] aliases = keys.getServerAliases(kind.getKey(), null);
      for (String alias : aliases == null ? new String[0] : aliases) {
        PrivateKey key = keys.getPrivateKey(alias);
        PublicKey certified = keys.getCertificateChain(alias)[0].getPublicKey();
        if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
          return false;
        }
        var signature = Signature.getInstance(kind.getValue());
        signature.initSign(key);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(certified);
        signature.update(text);
        return signature.verify(signed);
      }
    }
    return true; // of another kind: the first handshake tells
  }

  private static Buffer content(Path file) throws IOException {
    return Buffer.buffer(Files.readAllBytes(file));
  }
}
