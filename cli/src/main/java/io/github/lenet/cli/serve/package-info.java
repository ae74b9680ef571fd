/**
 * One model behind HTTP: TensorFlow Serving's REST API, and a page to try the model.
 *
 * <p>Start with {@link io.github.lenet.cli.serve.ModelServer}. A request's way: {@code
 * HttpFrontend} takes it off the wire, within limits; {@code RestApi} (or {@code Page}) understands
 * it; {@code ServedModel} hands out the version that is served, a {@code Servable}, whose {@code
 * Batcher} runs it together with others. What goes wrong on the way is a {@code StatusException},
 * and becomes TensorFlow Serving's error.
 *
 * <p>Nothing that a request says reaches the file system, and no stack trace leaves the process.
 */
package io.github.lenet.cli.serve;
