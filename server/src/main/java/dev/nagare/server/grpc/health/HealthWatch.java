package dev.nagare.server.grpc.health;

import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.grpc.call.LastingCalls;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.wire.HealthCheckRequest;
import dev.nagare.streaming.protocol.wire.HealthCheckResponse.ServingStatus;
import io.vertx.core.Vertx;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code Watch} of the standard health service: the status now and at each change. Readiness is
 * looked at four times a second, for all watchers at once, while there are any. When the server
 * stops they are told so, and then let go.
 */
final class HealthWatch implements GrpcMethod {
  private static final long PERIOD_MILLIS = 250;
  private static final int NO_TIMER = -1;

  private final Health health;
  private final Vertx vertx;
  private final LastingCalls lasting;
  private final Set<Watcher> watchers = new LinkedHashSet<>();
  private long timer = NO_TIMER;

  HealthWatch(Health health, Vertx vertx, LastingCalls lasting) {
    this.health = health;
    this.vertx = vertx;
    this.lasting = lasting;
  }

  @Override
  public String name() {
    return "Watch";
  }

  @Override
  public void begin(Call call) {
    call.one(HealthCheckRequest.parser(), asked -> watch(call, asked.getService()));
  }

  private void watch(Call call, String service) {
    var watcher = new Watcher(call, Health.knows(service));
    watchers.add(watcher);
    lasting.add(watcher.stop);
    call.whenLeft(() -> forget(watcher));
    watcher.tell(health.now());
    if (timer == NO_TIMER) {
      timer = vertx.setPeriodic(PERIOD_MILLIS, ignored -> look());
    }
  }

  private void look() {
    ServingStatus now = health.now();
    List.copyOf(watchers).forEach(watcher -> watcher.tell(now));
  }

  private void forget(Watcher watcher) {
    watchers.remove(watcher);
    lasting.remove(watcher.stop);
    if (watchers.isEmpty() && timer != NO_TIMER) {
      vertx.cancelTimer(timer);
      timer = NO_TIMER;
    }
  }

  private final class Watcher {
    private final Call call;
    private final boolean known;
    private final Runnable stop = this::stop;
    private @Nullable ServingStatus told;

    Watcher(Call call, boolean known) {
      this.call = call;
      this.known = known;
    }

    void tell(ServingStatus now) {
      ServingStatus news = known ? now : ServingStatus.SERVICE_UNKNOWN;
      if (news != told && !call.full()) { // who does not read gets the last news later
        told = news;
        var _ = call.write(Health.message(news).toByteArray());
      }
    }

    private void stop() {
      tell(health.now());
      call.refuse(new ProtocolException(503, health.serving().unready()));
      forget(this);
    }
  }
}
