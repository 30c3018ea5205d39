"""ResNet-50's arrays pushed and pulled in PyTorch, as PushPull does it in the store: for each array the gradients of 2 and 4
logical devices are summed, and the sum is copied into an output of each. python3 resnet50.py RESULT.json [STORE.json]"""

import json
import sys
import time

import torch

BLOCKS = (3, 4, 6, 3)
WARM, ROUNDS = 5, 21


def lengths():
    def convolution(inputs, outputs, window):
        return [inputs * outputs * window, outputs, outputs]

    all_lengths = convolution(3, 64, 49)
    inputs = 64
    for stage, blocks in enumerate(BLOCKS):
        width = 64 << stage
        for block in range(blocks):
            if block == 0:
                all_lengths += convolution(inputs, 4 * width, 1)
            all_lengths += convolution(inputs, width, 1) + convolution(width, width, 9) + convolution(width, 4 * width, 1)
            inputs = 4 * width
    return all_lengths + [inputs * 1000, 1000]


def arrays(devices, where):
    return [[torch.full((n,), 0.5, device=where) for n in lengths()] for _ in range(devices)]


def there(gradients, outs):
    """Arrays on the GPU: one fused addition for each device, one fused copy for each output."""
    total = torch._foreach_add(gradients[0], gradients[1])
    for more in gradients[2:]:
        torch._foreach_add_(total, more)
    for out in outs:
        for array, value in zip(out, total):
            array.copy_(value)


def by_way_of_the_gpu(gradients, outs):
    """Arrays in the host's memory, summed on the GPU."""
    there([[array.cuda(non_blocking=True) for array in ofDevice] for ofDevice in gradients], outs)


def millis(work, gradients, outs):
    times = []
    for each in range(-WARM, ROUNDS):
        torch.cuda.synchronize()
        begin = time.perf_counter()
        work(gradients, outs)
        torch.cuda.synchronize()
        if each >= 0:
            times.append((time.perf_counter() - begin) * 1e3)
    assert all(torch.all(out == 0.5 * len(gradients)) for ofDevice in outs for out in ofDevice)
    return sorted(times)[ROUNDS // 2]


def store_times(path):
    """The store's times by name and number of devices; of those on the GPU."""
    with open(path) as file:
        measures = json.load(file)["measures"]
    return {(m["name"], len(m["devices"])): m["value"] for m in measures if m["devices"][0].startswith("gpu")}


def main(result, store=None):
    if not torch.cuda.is_available():
        print("torch", torch.__version__, "sees no GPU: nothing to compare with")
        return
    print("torch", torch.__version__, "on", torch.cuda.get_device_name(0))
    ours = store_times(store) if store else {}
    measures = []
    for devices in (2, 4):
        for name, where, work in (("arrays on the GPU", "cuda", there), ("host arrays", "cpu", by_way_of_the_gpu)):
            outs = [[torch.zeros_like(array) for array in ofDevice] for ofDevice in arrays(devices, where)]
            value = millis(work, arrays(devices, where), outs)
            mine = ours.get(("push and pull, " + name, devices))
            print(f"{devices} devices, {name}: {value:.3f} ms", f"(the store {mine:.3f} ms)" if mine else "")
            measures.append({"name": name, "devices": devices, "value": value, "unit": "ms", "store": mine})
    with open(result, "w") as file:
        json.dump({"torch": torch.__version__, "measures": measures}, file, indent=1)


main(*sys.argv[1:])
