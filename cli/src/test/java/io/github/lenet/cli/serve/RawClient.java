package io.github.lenet.cli.serve;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** A connection on which anything can be said. */
public final class RawClient implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final InputStream in;

  /** Connects. */
  public RawClient(InetSocketAddress server) throws IOException {
    socket = new Socket();
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(server, PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /**
   * What came back.
   *
   * @param headers in lower case
   */
  public record Answer(int status, Map<String, String> headers, String body) {}

  /** Says it, each character as a byte. */
  public RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Says it. */
  public RawClient send(byte[] bytes) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(bytes);
    out.flush();
    return this;
  }

  /** Will say no more, and goes on listening. */
  RawClient sendEnd() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Reads an answer that says where it ends. */
  public Answer answer() throws IOException {
    String statusLine = line();
    Map<String, String> headers = new TreeMap<>();
    for (String line; !(line = line()).isEmpty(); ) {
      int colon = line.indexOf(": ");
      headers.put(line.substring(0, colon).toLowerCase(), line.substring(colon + 2));
    }
    byte[] body =
        headers.containsKey("transfer-encoding")
            ? chunks()
            : in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    String text = new String(body, StandardCharsets.ISO_8859_1);
    return new Answer(Integer.parseInt(statusLine.split(" ")[1]), headers, text);
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int size; (size = Integer.parseInt(line(), 16)) > 0; ) {
      all.write(in.readNBytes(size));
      line();
    }
    line();
    return all.toByteArray();
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c; (c = in.read()) != '\n'; ) {
      if (c < 0) {
        throw new IOException("hung up after '%s'".formatted(line));
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }

  /** Waits for the beginning of an answer; fails with a time-out if there is none. */
  void awaitByte(Duration timeout) throws IOException {
    socket.setSoTimeout((int) timeout.toMillis());
    try {
      in.mark(1);
      in.read();
      in.reset();
    } finally {
      socket.setSoTimeout(PATIENCE_MILLIS);
    }
  }

  /** Reads all there is until the server hangs up. */
  String everything() throws IOException {
    StringBuilder all = new StringBuilder();
    try {
      for (int c; (c = in.read()) >= 0; ) {
        all.append((char) c);
      }
    } catch (java.net.SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      // Reset: hung up, too.
    }
    return all.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
