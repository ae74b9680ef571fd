package io.github.lenet.cli.serve;

import java.time.Duration;
import java.util.Map;

/**
 * What a client may ask of the server.
 *
 * @param bodyBytes how long a request's body may be
 * @param allBodiesBytes how much the bodies of all requests in flight may take together
 * @param lingering how long a client that was refused may go on sending before it is cut off
 * @param stopping how long requests in flight may take when the server stops
 */
record HttpLimits(int bodyBytes, long allBodiesBytes, Duration lingering, Duration stopping) {

  static final HttpLimits DEFAULT =
      new HttpLimits(
          16 << 20,
          Math.max(32 << 20, Runtime.getRuntime().maxMemory() / 4),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30));

  /** How many clients may be connected; each has a thread while it asks. */
  static final int CONNECTIONS = 256;

  /** How many headers a request may have; the JDK cuts off whoever sends twice as many. */
  static final int HEADERS = 100;

  /** How much they may take, with 32 for each; the JDK cuts off whoever sends twice as much. */
  static final int HEADER_BYTES = 32 << 10;

  /** The JDK server's own limits, which are system properties. */
  private static final Map<String, Integer> JDK =
      Map.of(
          // Seconds that a request may take to come in, head and body.
          "sun.net.httpserver.maxReqTime",
          30,
          // Seconds from then until the response has been taken.
          "sun.net.httpserver.maxRspTime",
          60,
          // Seconds without a request.
          "sun.net.httpserver.idleInterval",
          30,
          // Beyond these, the JDK hangs up without a word.
          "sun.net.httpserver.maxReqHeaders",
          2 * HEADERS,
          "sun.net.httpserver.maxReqHeaderSize",
          2 * HEADER_BYTES,
          // Beyond this, the JDK takes a connection and hangs up.
          "jdk.httpserver.maxConnections",
          CONNECTIONS,
          // Bytes that the JDK reads of a body that nobody wanted: HttpFrontend has a way of its
          // own.
          "sun.net.httpserver.drainAmount",
          0,
          // Else connections beyond 200 would be closed after each request.
          "sun.net.httpserver.maxIdleConnections",
          CONNECTIONS);

  /**
   * Sets the JDK server's limits, but for those that the user has set. The JDK looks at them once,
   * when the first server is made.
   */
  static void setJdkProperties() {
    JDK.forEach(HttpLimits::setUnlessSet);
    // Else the second packet of a response waits for the client to confirm the first: 40 ms.
    setUnlessSet("sun.net.httpserver.nodelay", true);
  }

  private static void setUnlessSet(String property, Object value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value.toString());
    }
  }
}
