import HtmlWebpackPlugin from 'html-webpack-plugin'
import webpack from 'webpack'

export default {
  entry: './src/main.tsx',
  output: { filename: '[name].[contenthash].js', clean: true },
  resolve: { extensions: ['.tsx', '.ts', '.js'] },
  module: { rules: [{ test: /\.tsx?$/, use: 'ts-loader', exclude: /node_modules/ }] },
  plugins: [
    new HtmlWebpackPlugin({ template: 'src/index.html' }),
    new webpack.EnvironmentPlugin({ GATEWAY: '127.0.0.1:3001' }),
  ],
}
