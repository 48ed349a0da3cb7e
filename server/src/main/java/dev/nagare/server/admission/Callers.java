package dev.nagare.server.admission;

import dev.nagare.server.config.ServerConfig;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may call. A web page elsewhere must not reach this server through its visitor's browser:
 * neither by pointing a name of its own here (the {@code Host} rule) nor by sending from its own
 * origin (the {@code Origin} rule).
 *
 * <p>Safe for any thread.
 */
public final class Callers {
  private final ServerConfig config;
  private final Set<String> names;

  /** Creates the rules of a configuration. */
  public Callers(ServerConfig config) {
    this.config = config;
    this.names = config.allowedHosts();
  }

  /**
   * Checks the name that a caller used for this server.
   *
   * @param host the {@code Host} header
   * @param localAddress the address that the connection came in on, always allowed
   * @return why the caller is refused; null if it is not
   */
  public @Nullable String refuseHost(@Nullable String host, String localAddress) {
    if (host == null || host.isBlank()) {
      return "expected a Host header, got none";
    }
    String name = withoutPort(host.toLowerCase(Locale.ROOT));
    boolean allowed =
        names.contains("*")
            || names.contains(name)
            || name.equals(config.host().toLowerCase(Locale.ROOT))
            || name.equals(localAddress)
            || (config.loopback() && ServerConfig.isLoopback(name));
    return allowed
        ? null
        : "Host '" + host + "' is not a name of this server; server.allowed-hosts adds names";
  }

  /**
   * Checks where a state-changing call or WebSocket upgrade came from. Callers other than browsers
   * send no origin and pass.
   *
   * @return why the caller is refused; null if it is not
   */
  public @Nullable String refuseOrigin(@Nullable String origin, String host) {
    if (origin == null) {
      return null;
    }
    String from = origin.toLowerCase(Locale.ROOT);
    String here = host.toLowerCase(Locale.ROOT);
    boolean allowed =
        from.equals("http://" + here)
            || from.equals("https://" + here)
            || config.allowedOrigins().contains(from);
    return allowed
        ? null
        : "pages of origin '"
            + origin
            + "' may not call this server; server.allowed-origins adds origins";
  }

  private static String withoutPort(String host) {
    if (host.startsWith("[")) {
      int end = host.indexOf(']');
      return end < 0 ? host : host.substring(1, end);
    }
    int colon = host.indexOf(':');
    return colon < 0 ? host : host.substring(0, colon);
  }
}
