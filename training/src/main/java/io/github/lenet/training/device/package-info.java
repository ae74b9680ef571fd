/**
 * Finds the device to train on: a GPU that works, else the CPU, and why.
 *
 * <p>Start at {@link io.github.lenet.training.device.DeviceSelection#auto()}. It knows nothing of
 * the network.
 */
package io.github.lenet.training.device;
