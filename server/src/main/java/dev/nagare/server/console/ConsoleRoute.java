package dev.nagare.server.console;

import dev.nagare.server.http.Answers;
import dev.nagare.server.http.Gate;
import dev.nagare.server.http.Route;
import dev.nagare.server.http.StaticAsset;
import dev.nagare.server.security.Access;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** {@code GET /}: the live page and its files, held in memory, with a strict content policy. */
public final class ConsoleRoute implements Route {
  private final Access access;

  /** Creates the route. */
  public ConsoleRoute(Access access) {
    this.access = access;
  }

  @Override
  public void mount(Router router) {
    String uplot = StaticAsset.webjar("org.webjars.npm", "uplot") + "dist/";
    String here = ConsoleRoute.class.getPackageName().replace('.', '/') + "/";
    router.route("/").method(HttpMethod.GET).handler(this::open);
    StaticAsset.serve(router, "/", here + "index.html", "text/html; charset=utf-8");
    StaticAsset.serve(router, "/console.css", here + "console.css", "text/css; charset=utf-8");
    StaticAsset.serve(router, "/console.js", here + "console.js", "text/javascript; charset=utf-8");
    StaticAsset.serve(router, "/favicon.svg", here + "favicon.svg", "image/svg+xml");
    StaticAsset.serve(router, "/uplot.css", uplot + "uPlot.min.css", "text/css; charset=utf-8");
    StaticAsset.serve(
        router, "/uplot.js", uplot + "uPlot.iife.min.js", "text/javascript; charset=utf-8");
  }

  /** {@code /?token=…} becomes a session, and the address one that may be shown. */
  private void open(RoutingContext context) {
    String token = context.request().getParam("token");
    if (token == null) {
      context.next();
      return;
    }
    String session = access.openConsole(token);
    if (session == null) {
      Answers.error(
          context,
          401,
          "this address was opened before or is another server's: it works once. / shows the page"
              + " without the right to change anything");
      return;
    }
    context
        .response()
        .setStatusCode(303)
        .addCookie(
            Cookie.cookie(Gate.SESSION, session)
                .setPath("/")
                .setHttpOnly(true)
                .setSecure(context.request().isSSL())
                .setSameSite(CookieSameSite.STRICT))
        .putHeader(HttpHeaders.LOCATION, "/")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("Referrer-Policy", "no-referrer")
        .end();
  }
}
