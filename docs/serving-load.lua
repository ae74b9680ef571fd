-- For wrk: an image a request, in JSON, by TensorFlow Serving's REST API.
--   wrk -t 1 -c 32 -d 30s --latency -s docs/serving-load.lua http://127.0.0.1:8501/v1/models/lenet:predict
local file = assert(io.open("docs/serving/rows.json", "rb"))
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = file:read("*a")
file:close()

-- What is not answered with 200 spoils the measurement: say so.
local failed = 0
function response(status)
  if status ~= 200 then
    failed = failed + 1
    if failed == 1 then io.stderr:write("answered with status " .. status .. "\n") end
  end
end
