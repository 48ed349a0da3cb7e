package dev.nagare.server.config;

import java.time.Duration;

/**
 * How a server stops.
 *
 * @param delay between being not ready and refusing, for balancers that hear of it late
 * @param timeout most time for what was accepted, from then on
 */
public record DrainConfig(Duration delay, Duration timeout) {
  private static final Key DELAY =
      Key.of(
              "delay-seconds",
              "how long a server that was told to stop is not ready and still answers, since balancers"
                  + " hear of it late; longer than their look at `/v2/health/ready` takes to count")
          .in("s")
          .usually("5, on a loopback bind 0");
  private static final Key TIMEOUT =
      Key.of(
              "timeout-seconds",
              "most time that what was accepted has to be answered, after that; what still waits then"
                  + " gets 503")
          .in("s");

  static DrainConfig read(Section in, ServerConfig server) {
    // No balancer on another machine is in front of a loopback bind.
    int delay = in.integer(DELAY, server.loopback() ? 0 : 5, 0, 3600);
    int timeout = in.integer(TIMEOUT, 20, 0, 3600);
    in.end();
    return new DrainConfig(Duration.ofSeconds(delay), Duration.ofSeconds(timeout));
  }
}
