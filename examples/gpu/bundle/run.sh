#!/bin/sh
# Checks and measures the store on this machine. Needs nothing but this folder, and a CUDA driver for the GPUs.
#   ./run.sh                     cases and random histories on the host and on each GPU, the tests of the kernels, measurements
#   ./run.sh --quick             cases and fewer histories only
#   ./run.sh --memcheck          the same on the first GPU under compute-sanitizer, which must be installed
#   ./run.sh --soak MINUTES      random histories on the first GPU, or on the host, for so long; memory must not grow
#   --results FOLDER             where files of results go; results-DATE here if not given
# Exit code 0: all passed. 1: something failed. 2: wrong options, or something that was asked for is not there.
set -u
here=$(cd "$(dirname "$0")" && pwd)
usage() { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }

mode=all results= minutes=
while [ $# -gt 0 ]; do
    case $1 in
        --quick) mode=quick ;;
        --memcheck) mode=memcheck ;;
        --soak) [ $# -gt 1 ] || usage; mode=soak minutes=$2; shift ;;
        --results) [ $# -gt 1 ] || usage; results=$2; shift ;;
        *) usage ;;
    esac
    shift
done
case $minutes in *[!0-9.]*) usage ;; esac
[ -n "$results" ] || results=results-$(date +%Y%m%d-%H%M%S)
mkdir -p "$results/tmp" || exit 2
results=$(cd "$results" && pwd)
trap 'rm -rf "$results/tmp"' EXIT # where the binding to the driver is unpacked

wrap=
program() {
    $wrap "$here/jre/bin/java" "-Djava.io.tmpdir=$results/tmp" "-Dlogback.configurationFile=$here/logback.xml" \
        -cp "$here/lib/*" "$@" 2>>"$results/log.txt"
}
failed=
step() {
    name=$1
    shift
    echo "== $name"
    if ! "$@"; then
        failed="$failed $name"
        echo "$name failed; the end of $results/log.txt:"
        tail -n 3 "$results/log.txt"
    fi
}
# What a program prints goes to a file too, and its exit code counts.
noted() {
    file=$1
    shift
    "$@" >"$results/$file"
    code=$?
    cat "$results/$file"
    return $code
}

"$here/jre/bin/java" -version >"$results/java.txt" 2>&1 || {
    echo "the runtime in $here/jre does not start on this machine:" >&2
    cat "$results/java.txt" >&2
    exit 2
}
examples=io.kvstore.examples.gpu
gpu=no
if noted gpus.txt program $examples.Gpus; then gpu=yes; fi

measure() {
    if [ $gpu = yes ]; then
        step benchmark noted benchmark.txt program io.kvstore.cuda.bench.GpuBenchmark
        tail -n 1 "$results/benchmark.txt" >"$results/benchmark.json"
    fi
    step resnet50 program $examples.PushPull --results "$results"
    if python3 -c 'import torch' >/dev/null 2>&1; then
        step pytorch noted pytorch.txt python3 "$here/resnet50.py" "$results/pytorch.json" "$results/resnet50.json"
    else
        echo "== pytorch: not here (python3 -c 'import torch' fails), so nothing to compare with"
    fi
}
case $mode in
    all)
        step check program $examples.Check --results "$results"
        if [ $gpu = yes ]; then step kernels program $examples.KernelTests --results "$results"; fi
        measure
        ;;
    quick) step check program $examples.Check --results "$results" --seeds 20 ;;
    soak) step soak program $examples.Soak --minutes "$minutes" --results "$results" ;;
    memcheck)
        if ! command -v compute-sanitizer >/dev/null; then
            echo "compute-sanitizer is not installed (it comes with the CUDA toolkit)" >&2
            exit 2
        elif [ $gpu = no ]; then
            exit 2
        fi
        wrap="compute-sanitizer --tool memcheck --leak-check full --error-exitcode 1"
        step memcheck noted memcheck.txt program $examples.Check --results "$results" --seeds 20 --devices "gpu(0),gpu(0)"
        ;;
esac
echo "results: $results"
if [ -n "$failed" ]; then
    echo "FAILED:$failed"
    exit 1
fi
echo "all passed"
