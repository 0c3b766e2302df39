module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<complex<f32>>, %arg1: tensor<complex<f32>>) -> (tensor<i1> {jax.result_info = "result"}) {
    %0 = stablehlo.compare EQ, %arg0, %arg1, FLOAT : (tensor<complex<f32>>, tensor<complex<f32>>) -> tensor<i1>
    return %0 : tensor<i1>
  }
}
